"""The energy of a transverse-field Ising chain and its gradient, on as many machines as MPI has.

    mpirun -n 4 python -m mpi4py ising.py 24

`-m mpi4py` ends all processes where one fails outside of ketgrad.
"""

import sys

import numpy as np
from mpi4py import MPI

import ketgrad as kg
from ketgrad import mpi

FIELD = 1.0
LAYERS = 2


def chain(n_qubits: int) -> kg.PauliSum:
    """Return −Σ Z_q Z_{q+1} − h Σ X_q on an open chain."""
    bonds = [f"- Z{q} Z{q + 1}" for q in range(n_qubits - 1)]
    fields = [f"- {FIELD} * X{q}" for q in range(n_qubits)]
    return kg.PauliSum(" ".join(bonds + fields), n_qubits=n_qubits)


def ansatz(n_qubits: int) -> kg.Circuit:
    """Return layers of the chain's own two parts, from the ground state of the field."""
    angles = kg.ParameterVector("a", 2 * LAYERS)
    out = kg.Circuit(n_qubits).h(range(n_qubits))
    for k in range(LAYERS):
        out.rzz(angles[2 * k], range(n_qubits - 1), range(1, n_qubits))
        out.rx(angles[2 * k + 1], range(n_qubits))
    return out


def main() -> None:
    """Go down the gradient, and look at the state."""
    comm = MPI.COMM_WORLD
    n_qubits = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    circuit, energy = ansatz(n_qubits), chain(n_qubits)
    if comm.rank == 0:
        plan = mpi.plan(circuit, energy, ranks=comm.size)
        print(
            f"{plan.exchanges} exchanges, {plan.sent_bytes:.3g} bytes sent by each of {comm.size}"
        )
    program = mpi.Program(kg.compile(circuit, energy), comm)
    angles = np.array([-0.3, -0.4, -0.5, -0.2])
    for step in range(20):
        values, _, gradient = program.vjp([1.0], weights=angles, return_values=True)
        angles -= 0.2 / n_qubits * gradient
        if comm.rank == 0:
            print(f"step {step}: {values[0]:.6f}")
    assert values[0] < -1.15 * n_qubits
    state = program.state(weights=angles)
    samples = state.sample(1000, seed=1)  # the same on all processes
    down = np.mean([int(outcome).bit_count() for outcome in samples])
    if comm.rank == 0:
        print(f"mean magnetisation of 1000 samples: {1 - 2 * down / n_qubits:.3f}")


if __name__ == "__main__":
    main()
