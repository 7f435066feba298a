"""The Gram matrix of a quantum kernel, and derivatives of what is a function of it."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ketgrad._core import Program, bloch_vectors
from ketgrad._memory import require_memory
from ketgrad._types import ComplexArray, FloatArray

Pull = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def gram_and_pull(
    program: Program, X: npt.ArrayLike, weights: npt.ArrayLike, kernel: str, gamma: float
) -> tuple[FloatArray, Pull]:
    """Return the Gram matrix of samples, and how derivatives by it go back to what it is made from.

    The second is a function of the derivatives by every entry that returns those by the inputs,
    shape (n_samples, n_inputs), and by the weights: one matrix product and one adjoint sweep over
    the batch.
    """
    states = np.asarray(program.state(X, weights))
    n_samples = len(states)
    require_memory(4.0 * 16 * n_samples**2, f"a kernel of {n_samples} samples and its derivatives")
    if kernel == "fidelity":
        overlaps = states.conj() @ states.T
        gram = np.abs(overlaps.astype(np.complex128)) ** 2
        np.fill_diagonal(gram, 1.0)
    else:
        bloch = np.asarray(bloch_vectors(program, X, weights))
        gram = _gaussian(bloch.reshape(len(bloch), -1), gamma)

    def pull(slope: FloatArray) -> tuple[FloatArray, FloatArray]:
        both = slope + slope.T
        np.fill_diagonal(both, 0.0)  # the diagonal is 1 whatever the states
        if kernel == "fidelity":
            # d|<i|j>|^2 = 2 Re(<i|j> <j|di>) + (i <-> j).
            cotangent = (2 * both * overlaps.T) @ states
        else:
            cotangent = _projected_cotangent(states, bloch, -gamma * both * gram)
        return program.vjp(cotangent, X, weights, of="state")

    return gram, pull


def _gaussian(vectors: FloatArray, gamma: float) -> FloatArray:
    squares = np.einsum("ij,ij->i", vectors, vectors)
    distances = squares[:, None] + squares - 2 * vectors @ vectors.T
    np.fill_diagonal(distances, 0.0)
    return np.asarray(np.exp(-gamma / 2 * distances.clip(0)))


def _projected_cotangent(states: ComplexArray, bloch: FloatArray, pull: FloatArray) -> ComplexArray:
    """Pull Bloch vectors b_i along pull_ij (b_i - b_j): by c P on |i>, as d<P> = 2 Re <Pi|di>."""
    along = pull.sum(axis=1)[:, None, None] * bloch - np.tensordot(pull, bloch, axes=1)
    out = np.zeros_like(states)
    n_samples, n_qubits = bloch.shape[:2]
    for q in range(n_qubits):
        x, y, z = (2 * along[:, q, axis, None, None] for axis in range(3))
        before = states.reshape(n_samples, -1, 2, 1 << q)
        after = out.reshape(before.shape)
        after[:, :, 0] += (x - 1j * y) * before[:, :, 1] + z * before[:, :, 0]
        after[:, :, 1] += (x + 1j * y) * before[:, :, 0] - z * before[:, :, 1]
    return out
