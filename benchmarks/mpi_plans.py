"""What a rank sends by our plans, beside what other simulators would send by their algorithms.

    python benchmarks/mpi_plans.py [--markdown]

Bytes are counted on paper, as multiples of the amplitudes that a rank holds; nothing is run. Others
keep the qubits in one order, of which the highest are the bits of the ranks, and deal with one gate
at a time. They are given the benefit of every doubt:

- Qulacs (its MPI version; Suzuki et al. 2021, arXiv:2011.13524): a gate that mixes one global qubit
  exchanges half of the amplitudes, one on several qubits swaps each global one in and back, half of
  the amplitudes each time.
- QuEST (Jones et al. 2019, doi:10.1038/s41598-019-47174-9; Jones et al. 2023, arXiv:2311.01512): a
  gate that mixes one global qubit shows a partner all amplitudes, one on several qubits swaps each
  global one in and back.
- Both: diagonal gates and global controls are free, every control halves what is sent, and a swap
  of any two qubits that are not both local sends half.

The goal: at most half of the better of the two.
"""

import argparse
from collections.abc import Callable, Iterator

import numpy as np

import ketgrad as kg
from ketgrad import mpi

GOAL = 0.5
QUBITS = (30, 36, 40, 45)
RANKS = (2, 16, 128, 1024, 4096)
_DIAGONAL = {"z", "s", "sdg", "t", "tdg", "rz", "p", "cz", "cp", "crz", "rzz", "ccz", "id"}


def brickwork(n_qubits: int, depth: int, seed: int) -> kg.Circuit:
    """Return layers of random gates on all qubits and cz on every other pair of neighbours."""
    rng = np.random.default_rng(seed)
    out = kg.Circuit(n_qubits)
    for layer in range(depth):
        for qubit in range(n_qubits):
            out.u(*rng.uniform(-3, 3, 3), qubit)
        first = range(layer % 2, n_qubits - 1, 2)
        out.cz(first, [q + 1 for q in first])
    return out


def random_pairs(n_qubits: int, depth: int, seed: int) -> kg.Circuit:
    """Return layers of random gates on all qubits and cx on random pairs."""
    rng = np.random.default_rng(seed)
    out = kg.Circuit(n_qubits)
    for _ in range(depth):
        for qubit in range(n_qubits):
            out.u(*rng.uniform(-3, 3, 3), qubit)
        order = rng.permutation(n_qubits)
        for k in range(0, n_qubits - 1, 2):
            out.cx(int(order[k]), int(order[k + 1]))
    return out


CIRCUITS: dict[str, Callable[[int], kg.Circuit]] = {
    "Fourier transform": kg.library.qft,
    "bricks of cz, depth 20": lambda n: brickwork(n, 20, 1),
    "random pairs of cx, depth 20": lambda n: random_pairs(n, 20, 1),
    "quantum volume, depth 10": lambda n: kg.library.quantum_volume(n, 10, seed=1),
}


def sent_by_others(circuit: kg.Circuit, ranks: int) -> tuple[float, float]:
    """Return what Qulacs and QuEST send, in amplitudes of a rank."""
    n_local = circuit.n_qubits - ranks.bit_length() + 1
    qulacs = quest = 0.0
    for op in circuit.operations:
        n_global = sum(q >= n_local for q in op.targets)
        if op.name in _DIAGONAL or n_global == 0:
            continue
        part = 0.5 ** len(op.controls)
        if op.name == "swap":
            qulacs += 0.5
            quest += 0.5
        elif len(op.targets) == 1:
            qulacs += 0.5 * part
            quest += part
        else:
            qulacs += n_global
            quest += n_global
    return qulacs, quest


def rows() -> Iterator[tuple[str, ...]]:
    """Yield a row of the table for every circuit, width and number of ranks."""
    yield "circuit", "qubits", "ranks", "exchanges", "sent", "Qulacs", "QuEST", "of the better"
    for name, make in CIRCUITS.items():
        for n_qubits in QUBITS:
            circuit = make(n_qubits)
            for ranks in RANKS:
                plan = mpi.plan(circuit, ranks=ranks)
                ours = plan.sent_bytes / plan.state_bytes
                others = sent_by_others(circuit, ranks)
                yield (
                    name,
                    f"{n_qubits}",
                    f"{ranks}",
                    f"{plan.exchanges}",
                    f"{ours:.2f}",
                    f"{others[0]:.2f}",
                    f"{others[1]:.2f}",
                    f"{ours / min(others):.3f}",
                )


def main() -> None:
    """Print the table and the distance to the goal."""
    parser = argparse.ArgumentParser(description="bytes that ranks send, counted on paper")
    parser.add_argument("--markdown", action="store_true", help="print a table of Markdown")
    markdown = parser.parse_args().markdown
    table = list(rows())
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    for k, row in enumerate(table):
        cells = [row[0].ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        print("| " + " | ".join(cells) + " |" if markdown else "  ".join(cells))
        if markdown and k == 0:
            print("|" + "|".join("---" if k == 0 else "---:" for k in range(len(row))) + "|")
    worst = max(float(row[-1]) for row in table[1:])
    print(f"\nat most {worst:.3f} of the better; the goal is {GOAL}")


if __name__ == "__main__":
    main()
