"""Published values and those of exact diagonalisation, reached by whole computations."""

import itertools

import numpy as np
import pytest

import ketgrad as kg

# H2 at 0.735 angstrom in the STO-3G basis, in Hartree.
NUCLEAR_REPULSION = 0.7199689944
H2_PARITY = kg.PauliSum(
    {
        "II": -1.052373245772859,
        "IZ": +0.39793742484318045,
        "ZI": -0.39793742484318045,
        "ZZ": -0.01128010425623538,
        "XX": +0.18093119978423156,
    }
)
H2_JORDAN_WIGNER = kg.PauliSum(
    {
        "IIII": -0.8105479816,
        **dict.fromkeys(["ZIII", "IIZI"], -0.2257534907),
        **dict.fromkeys(["IZII", "IIIZ"], 0.1721839321),
        **dict.fromkeys(["ZZII", "IIZZ"], 0.1209126324),
        "ZIZI": 0.1746434305,
        **dict.fromkeys(["IZZI", "ZIIZ"], 0.1661454324),
        "IZIZ": 0.1689275385,
        **dict.fromkeys(["XXXX", "YYXX", "XXYY", "YYYY"], 0.0452328000),
    }
)


def ground_energy(hamiltonian: kg.PauliSum) -> float:
    return float(np.linalg.eigvalsh(hamiltonian.matrix())[0])


def test_h2_ground_energies() -> None:
    assert ground_energy(H2_PARITY) == pytest.approx(-1.857275030, abs=1e-9)
    assert ground_energy(H2_JORDAN_WIGNER) == pytest.approx(-1.857275027, abs=1e-8)
    assert ground_energy(H2_PARITY) + NUCLEAR_REPULSION == pytest.approx(-1.137306036, abs=1e-9)


def test_h2_hartree_fock() -> None:
    """Two electrons in the bonding orbital: one basis state has the published energy."""
    energies = [kg.State(4).set_basis(k).expval(H2_JORDAN_WIGNER) for k in range(16)]
    two_electrons = [e for k, e in enumerate(energies) if k.bit_count() == 2]
    assert min(two_electrons) + NUCLEAR_REPULSION == pytest.approx(-1.116998993, abs=1e-8)


def on(letters: str, qubits: tuple[int, ...], n: int, factor: float = 1.0) -> kg.PauliSum:
    return kg.PauliSum.from_sparse([(letters, list(qubits), factor)], n)


def chain(n: int, kind: str) -> kg.PauliSum:
    bonds = [(q, (q + 1) % n) for q in range(n if kind == "tfim periodic" else n - 1)]
    if kind == "heisenberg":
        terms = [on(2 * p, bond, n) for bond in bonds for p in "XYZ"]
    else:
        terms = [on("ZZ", bond, n, -1.0) for bond in bonds] + [
            on("X", (q,), n, -1.0) for q in range(n)
        ]
    return sum(terms[1:], terms[0])


@pytest.mark.parametrize(
    ("n", "kind", "energy"),
    [
        (4, "tfim open", -4.758770483),
        (6, "tfim open", -7.296229811),
        (8, "tfim open", -9.837951447),
        (4, "tfim periodic", -5.226251860),
        (6, "tfim periodic", -7.727406610),
        (8, "tfim periodic", -10.251661791),
        (4, "heisenberg", -6.464101615),
        (6, "heisenberg", -9.974308536),
        (8, "heisenberg", -13.499730395),
    ],
)
def test_spin_chains(n: int, kind: str, energy: float) -> None:
    hamiltonian = chain(n, kind)
    values, vectors = np.linalg.eigh(hamiltonian.matrix())
    assert values[0] == pytest.approx(energy, abs=2e-9)
    # and the simulator agrees with linear algebra about the ground state
    ground = kg.State.from_amplitudes(vectors[:, 0])
    assert ground.expval(hamiltonian) == pytest.approx(energy, abs=2e-9)
    assert ground.variance(hamiltonian) == pytest.approx(0, abs=1e-10)


def qaoa_cut(n: int, edges: list[tuple[int, int]], gamma: float, beta: float) -> float:
    """The expected fraction of cut edges of one round of QAOA (Wang 2018, arXiv:1706.02998)."""
    g, b = kg.Parameter("gamma"), kg.Parameter("beta")
    circuit = kg.Circuit(n)
    for q in range(n):
        circuit.h(q)
    for i, j in edges:
        circuit.rzz(-g, i, j)
    for q in range(n):
        circuit.rx(2 * b, q)
    cost = sum((on("ZZ", edge, n, -0.5) for edge in edges[1:]), on("ZZ", edges[0], n, -0.5))
    value = kg.compile(circuit, cost).expval(weights=[gamma, beta])[0]
    return float(0.5 + value / len(edges))


GRAPHS = {
    2: (6, [(q, (q + 1) % 6) for q in range(6)]),
    3: (6, list(itertools.product(range(3), range(3, 6)))),
    4: (8, list(itertools.product(range(4), range(4, 8)))),
}


@pytest.mark.parametrize(("degree", "cut"), [(2, 0.75), (3, 0.692450), (4, 0.662380)])
def test_qaoa_on_triangle_free_regular_graphs(degree: int, cut: float) -> None:
    gamma, beta = np.arctan(1 / np.sqrt(degree - 1)), np.pi / 8
    formula = 0.5 + 0.5 * degree**-0.5 * ((degree - 1) / degree) ** ((degree - 1) / 2)
    assert formula == pytest.approx(cut, abs=1e-6)
    assert qaoa_cut(*GRAPHS[degree], gamma, beta) == pytest.approx(formula, abs=1e-12)


@pytest.mark.parametrize(
    ("n", "rounds", "success"),
    [(2, 1, 1.0), (3, 2, 0.9453125), (4, 3, 0.9613190), (5, 4, 0.9991823)],
)
def test_grover(n: int, rounds: int, success: float) -> None:
    superpose, marked = kg.Circuit(n), 2**n - 2
    for q in range(n):
        superpose.h(q)
    oracle = kg.Circuit(n).z(n - 1, controls={q: (marked >> q) & 1 for q in range(n - 1)})
    # Z on the last qubit only flips its 1, and the mark has a 1 there; the mirror flips |0...0>.
    zero = kg.Circuit(n).x(n - 1).z(n - 1, controls=dict.fromkeys(range(n - 1), 0)).x(n - 1)
    mirror = kg.Circuit(n).compose(superpose).compose(zero).compose(superpose)
    step = kg.Circuit(n).compose(oracle).compose(mirror)
    state = superpose.compose(step.repeat(rounds)).state()
    assert abs(state[marked]) ** 2 == pytest.approx(success, abs=5e-8)


def sim_circuit(number: int) -> kg.Circuit:
    """Circuits 1, 2 and 9 of Sim, Johnson, Aspuru-Guzik 2019 (arXiv:1905.10876), one layer."""
    n = 4
    circuit, w = kg.Circuit(n), iter(kg.ParameterVector("w", 8))
    if number == 9:
        for q in range(n):
            circuit.h(q)
        for q in reversed(range(n - 1)):
            circuit.cz(q + 1, q)
        for q in range(n):
            circuit.rx(next(w), q)
        return circuit
    for q in range(n):
        circuit.rx(next(w), q).rz(next(w), q)
    if number == 2:
        for q in reversed(range(n - 1)):
            circuit.cx(q + 1, q)
    return circuit


@pytest.mark.parametrize(("number", "expected"), [(1, 0.2999), (2, 0.2860), (9, 0.6773)])
def test_expressibility(number: int, expected: float) -> None:
    """The divergence of the fidelities of 5000 pairs from those of Haar-random states, 75 bins."""
    pairs, bins, size = 5000, 75, 16
    program = kg.compile(sim_circuit(number))
    rng = np.random.default_rng(number)
    a, b = (
        program.state(weights=rng.uniform(0, 2 * np.pi, (pairs, len(program.weights))))
        for _ in range(2)
    )
    fidelities = np.abs((a.conj() * b).sum(axis=1)) ** 2
    counts, edges = np.histogram(fidelities, bins=bins, range=(0, 1))
    p = counts / pairs
    haar = -np.diff((1 - edges) ** (size - 1))
    divergence = np.sum(p[p > 0] * np.log(p[p > 0] / haar[p > 0]))
    assert divergence == pytest.approx(expected, abs=max(0.35 * expected, 0.04))


def test_barren_plateau() -> None:
    """The variance of a gradient halves with every qubit (McClean 2018, arXiv:1803.11173).

    Var = N^2 / (2 (N^2 - 1)(N + 1)) where both sides of the parameter are 2-designs.
    """
    sizes, variances = range(2, 7), []
    for n in sizes:
        program = kg.compile(
            kg.strongly_entangling(n, 8), kg.PauliSum("ZZ" + "I" * (n - 2)), precision="double"
        )
        rng = np.random.default_rng(n)
        weights = rng.uniform(0, 2 * np.pi, (400, len(program.weights)))
        gradients = program.vjp(np.ones((400, 1)), weights=weights)[1]
        # An RY in the middle of the circuit: random gates before it and after it.
        middle = program.weights.index(f"w[{3 * n * 4 + 1}]")
        variances.append(gradients[:, middle].var())
        size = 2**n
        theory = size**2 / (2 * (size**2 - 1) * (size + 1))
        assert theory / 2 < variances[-1] < 2 * theory
    slope = np.polyfit(sizes, np.log2(variances), 1)[0]
    assert -2 < slope < -0.5
