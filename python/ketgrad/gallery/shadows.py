"""Classical learning from quantum states: what random measurements tell of them, and a kernel."""

from typing import Any

import numpy as np

import ketgrad as kg


def snapshots(states: Any, count: int, rng: np.random.Generator) -> Any:
    """Measure states in random bases: indices of what was found, shape (states, count, qubits).

    A qubit is found in one of six states: 2 k in the first, 2 k + 1 in the second of basis k.
    """
    found = []
    for amplitudes in states:
        shadow = kg.State.from_amplitudes(amplitudes).shadow(count, seed=int(rng.integers(2**32)))
        bases = np.array([["XYZ".index(letter) for letter in text[::-1]] for text in shadow.bases])
        bits = (shadow.outcomes[:, None] >> np.arange(shadow.n_qubits, dtype=np.uint64)) & 1
        found.append(2 * bases + bits.astype(int))
    return np.array(found)


def shadow_kernel(a: Any, b: Any) -> Any:
    """Compare snapshots: exp(mean over pairs of exp(mean over qubits of tr(s s'))).

    A snapshot of a qubit is s = 3 |found><found| - 1 (Huang et al. 2022, arXiv:2106.12627).
    """
    overlaps = np.full((6, 6), 0.5)
    for k in range(3):
        overlaps[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[5, -4], [-4, 5]]
    n_qubits = a.shape[-1]
    left, right = (np.eye(6, dtype=np.float32)[some] for some in (a, b))
    right = (right @ overlaps.astype(np.float32)).reshape(-1, 6 * n_qubits)
    means = []
    for one in left:  # all pairs of all states at once would not fit into memory
        pairs = np.exp(one.reshape(-1, 6 * n_qubits) @ right.T / n_qubits)
        means.append(pairs.reshape(len(one), len(b), -1).mean(axis=(0, 2)))
    return np.exp(means)
