"""The ground-state energy of molecular hydrogen by VQE (Peruzzo et al. 2014, arXiv:1304.3061).

A circuit with parameters prepares trial states; SciPy's L-BFGS lowers their energy. One adjoint
sweep (`vjp`) gives all derivatives at the price of about three runs of the circuit.

Run with: python vqe_h2.py
"""

import argparse

import numpy as np
from scipy.optimize import minimize

import ketgrad as kg

# H2 at 0.735 angstrom in the STO-3G basis, two qubits after parity mapping; energies in Hartree.
HYDROGEN = kg.PauliSum(
    {
        "II": -1.052373245772859,
        "IZ": 0.39793742484318045,
        "ZI": -0.39793742484318045,
        "ZZ": -0.01128010425623538,
        "XX": 0.18093119978423156,
    }
)
NUCLEAR_REPULSION = 0.7199689944
EXACT_ENERGY = -1.137306036


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the first angles")
    arguments = parser.parse_args(argv)

    circuit = kg.two_local(2, 2, ["ry", "rz"])
    print(circuit)
    program = kg.compile(circuit, HYDROGEN)

    def energy(weights: np.ndarray) -> tuple[float, np.ndarray]:
        _, gradient = program.vjp([1.0], weights=weights)
        return program.expval(weights=weights)[0], gradient

    start = np.random.default_rng(arguments.seed).uniform(-1, 1, len(program.weights))
    found = minimize(energy, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-14})
    total = found.fun + NUCLEAR_REPULSION
    print(f"after {found.nfev} evaluations: {total:.9f} Ha, exactly {EXACT_ENERGY} Ha")
    assert abs(total - EXACT_ENERGY) < 1e-6


if __name__ == "__main__":
    main()
