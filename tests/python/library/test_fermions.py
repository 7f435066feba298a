"""Fermions on qubits, molecules and their ansatz."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketgrad as kg
from refusals import refuses

library = kg.library
MAPPINGS = {
    "jordan_wigner": library.jordan_wigner,
    "parity": library.parity,
    "bravyi_kitaev": library.bravyi_kitaev,
}
Fermions = kg.FermionOperator

# Integrals of H2 in STO-3G at 0.7414 angstrom, in hartree, over its two molecular orbitals, from
# Whitfield, Biamonte and Aspuru-Guzik 2011, arXiv:1001.3855.
ONE_BODY = np.diag([-1.252477, -0.475934])
SAME, MIXED, EXCHANGE, UPPER = 0.674493, 0.663472, 0.181287, 0.697397
NUCLEI = 0.713776  # 1 / 1.401 bohr


def h2() -> kg.FermionOperator:
    two_body = np.zeros((2, 2, 2, 2))
    two_body[0, 0, 0, 0], two_body[1, 1, 1, 1] = SAME, UPPER
    two_body[0, 0, 1, 1] = two_body[1, 1, 0, 0] = MIXED
    for p, q, r, s in ((0, 1, 0, 1), (0, 1, 1, 0), (1, 0, 0, 1), (1, 0, 1, 0)):
        two_body[p, q, r, s] = EXCHANGE
    return library.molecular_hamiltonian(ONE_BODY, two_body, NUCLEI)


def ladder_matrices(mapping: str, n: int) -> list[np.ndarray]:
    """The matrix of each a_j, from the Hermitian a + a† and i (a† - a)."""
    out = []
    for j in range(n):
        a, creator = Fermions(f"{j}"), Fermions(f"{j}^")
        real = MAPPINGS[mapping](a + creator, n).matrix()
        imaginary = MAPPINGS[mapping](1j * (creator - a), n).matrix()
        out.append((real + 1j * imaginary) / 2)
    return out


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("n", range(1, 7))
def test_ladder_operators_anticommute(mapping: str, n: int) -> None:
    ladders = ladder_matrices(mapping, n)
    for i, a in enumerate(ladders):
        for j, b in enumerate(ladders):
            np.testing.assert_allclose(a @ b + b @ a, 0, atol=1e-12)
            mixed = a @ b.conj().T + b.conj().T @ a
            np.testing.assert_allclose(mixed, (i == j) * np.eye(2**n), atol=1e-12)
    vacuum = np.eye(2**n)[0]
    assert all(np.allclose(a @ vacuum, 0) for a in ladders)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_products_are_mapped_as_their_factors(mapping: str) -> None:
    n = 5
    ladders = ladder_matrices(mapping, n)
    operator = Fermions("3^ 0^ 4 1", 0.5 + 0.25j)
    matrix = (0.5 + 0.25j) * ladders[3].conj().T @ ladders[0].conj().T @ ladders[4] @ ladders[1]
    found = MAPPINGS[mapping](operator + operator.adjoint(), n).matrix()
    np.testing.assert_allclose(found, matrix + matrix.conj().T, atol=1e-12)


def test_strings_of_bravyi_and_kitaev_are_short() -> None:
    """About log2(n) letters, where Jordan and Wigner have up to n."""
    hop = Fermions("0 31^") + Fermions("31 0^")
    longest = {
        name: max(32 - text.count("I") for text, _ in mapping(hop, 32).terms)
        for name, mapping in MAPPINGS.items()
    }
    assert longest["jordan_wigner"] == 32
    assert longest["bravyi_kitaev"] <= 12


PRODUCTS = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=5)


@settings(deadline=None, max_examples=40)
@given(PRODUCTS, st.sampled_from(sorted(MAPPINGS)))
def test_normal_order_is_the_same_operator(factors: list[tuple[int, bool]], mapping: str) -> None:
    text = " ".join(f"{mode}^" if creates else f"{mode}" for mode, creates in factors)
    operator = Fermions(text) + Fermions(text).adjoint()
    ordered = operator.normal_ordered()
    assert ordered.normal_ordered() == ordered
    one, other = MAPPINGS[mapping](operator, 4), MAPPINGS[mapping](ordered, 4)
    np.testing.assert_allclose(one.matrix(), other.matrix(), atol=1e-12)


def test_arithmetic_of_fermions() -> None:
    a, b = Fermions("0^ 1", 0.5), Fermions({"1^ 0": 2, "": 1j})
    assert (a + b).terms == {"0^ 1": 0.5, "1^ 0": 2.0, "": 1j}
    assert a - a == Fermions({})
    assert (2 * a).terms == (a * 2).terms == {"0^ 1": 1.0}
    assert (a @ b).terms == {"0^ 1 1^ 0": 1.0, "0^ 1": 0.5j}
    assert (a @ b).adjoint() == b.adjoint() @ a.adjoint()
    assert (-a).terms == {"0^ 1": -0.5}
    assert len(b) == 2
    assert b.n_modes == 2
    assert pickle.loads(pickle.dumps(b)) == b
    assert eval(repr(b), {"FermionOperator": Fermions}) == b


def test_fermions_that_are_refused() -> None:
    with refuses(ValueError, "fermion text '0^ x'", "position 3"):
        Fermions("0^ x")
    with refuses(ValueError, "'^' or a space", "position 1"):
        Fermions("0*1")
    with refuses(IndexError, "mode 62"):
        Fermions("62^ 0")
    with refuses(TypeError, "must be a number, not 'x'"):
        Fermions("0", "x")
    with refuses(ValueError, "must be finite"):
        Fermions("0", np.inf)
    for mapping in MAPPINGS.values():
        with refuses(ValueError, "not Hermitian", "adjoint()"):
            mapping(Fermions("0^ 1"))
        with refuses(ValueError, "number of modes is 2", "from 3"):
            mapping(Fermions("2^ 2"), 2)


def test_the_energy_of_h2() -> None:
    """-1.137 hartree, what full configuration interaction gives in this basis."""
    spectra = [mapping(h2()).eigenvalues() for mapping in MAPPINGS.values()]
    assert spectra[0][0] == pytest.approx(-1.1373, abs=1e-4)
    np.testing.assert_allclose(spectra[1], spectra[0], atol=1e-10)
    np.testing.assert_allclose(spectra[2], spectra[0], atol=1e-10)
    # The two determinants with both electrons in one orbital, by hand.
    low = 2 * ONE_BODY[0, 0] + SAME
    high = 2 * ONE_BODY[1, 1] + UPPER
    by_hand = np.linalg.eigvalsh([[low, EXCHANGE], [EXCHANGE, high]])[0] + NUCLEI
    assert spectra[0][0] == pytest.approx(by_hand, abs=1e-10)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_uccsd_finds_the_ground_state_of_h2(mapping: str) -> None:
    hamiltonian = MAPPINGS[mapping](h2())
    program = kg.compile(library.uccsd(2, 4, mapping), hamiltonian)
    reference = 2 * ONE_BODY[0, 0] + SAME + NUCLEI
    assert program.expval(weights=np.zeros(3))[0] == pytest.approx(reference, abs=1e-10)
    result = kg.minimize(program, np.zeros(3), optimizer="l-bfgs", tolerance=1e-12)
    assert result.value == pytest.approx(hamiltonian.ground_state()[0], abs=1e-8)


def made_up_integrals(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Of n real orbitals: h is symmetric, (pq|rs) does not change by p, q and r, s and pairs."""
    rng = np.random.default_rng(n)
    one_body = np.diag(np.linspace(-1.5, 0.5, n)) + 0.05 * rng.normal(size=(n, n))
    two_body = 0.1 * rng.normal(size=(n, n, n, n))
    for swapped in ((1, 0, 2, 3), (0, 1, 3, 2), (2, 3, 0, 1)):
        two_body = (two_body + two_body.transpose(swapped)) / 2
    return (one_body + one_body.T) / 2, two_body


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_uccsd_finds_the_ground_state_of_two_electrons_in_four_orbitals(mapping: str) -> None:
    """Of opposite spins, whose Hamiltonian is h x 1 + 1 x h + (pq|rs) without any mapping.

    Singles and doubles are all excitations of two electrons, so that every state is reached.
    """
    h, repulsion = made_up_integrals(4)
    pairs = np.kron(h, np.eye(4)) + np.kron(np.eye(4), h)
    pairs += repulsion.transpose(0, 2, 1, 3).reshape(16, 16)
    expected = np.linalg.eigvalsh(pairs)[0]
    hamiltonian = MAPPINGS[mapping](library.molecular_hamiltonian(h, repulsion, 0.7))
    program = kg.compile(library.uccsd(2, 8, mapping), hamiltonian)
    reference = program.expval(weights=np.zeros(15))[0]
    assert reference == pytest.approx(pairs[0, 0] + 0.7, abs=1e-10)
    assert reference > expected + 0.7 + 1e-3
    found = kg.minimize(program, np.zeros(15), optimizer="l-bfgs", steps=400, tolerance=1e-12)
    assert found.value == pytest.approx(expected + 0.7, abs=1e-7)


def test_uccsd_of_four_electrons_is_near_the_exact_energy() -> None:
    """Triples and quadruples are missing: above the lowest energy of two electrons of each spin."""
    hamiltonian = library.jordan_wigner(library.molecular_hamiltonian(*made_up_integrals(4)))
    spins = np.array([[k >> q & 1 for q in range(8)] for k in range(256)])
    sector = (spins[:, ::2].sum(1) == 2) & (spins[:, 1::2].sum(1) == 2)
    exact = np.linalg.eigvalsh(hamiltonian.matrix()[np.ix_(sector, sector)])[0]
    program = kg.compile(library.uccsd(4, 8), hamiltonian)
    reference = program.expval(weights=np.zeros(26))[0]
    found = kg.minimize(program, np.zeros(26), optimizer="l-bfgs", steps=300).value
    assert exact - 1e-9 < found < exact + 0.05 * (reference - exact)


def test_uccsd_keeps_the_number_of_electrons_of_either_spin() -> None:
    circuit = library.uccsd(3, 6)
    angles = np.random.default_rng(1).normal(size=len(circuit.parameters))
    state = kg.compile(circuit).state(weights=angles)
    occupied = np.nonzero(np.abs(state) > 1e-12)[0]
    assert len(occupied) > 1
    assert all((int(k) & 0b010101).bit_count() == 2 for k in occupied)
    assert all((int(k) & 0b101010).bit_count() == 1 for k in occupied)


@pytest.mark.parametrize(
    ("electrons", "orbitals", "excitations"), [(2, 4, 3), (4, 8, 26), (0, 4, 0)]
)
def test_the_number_of_excitations(electrons: int, orbitals: int, excitations: int) -> None:
    assert len(library.uccsd(electrons, orbitals).parameters) == excitations


def test_molecules_that_are_refused() -> None:
    with refuses(ValueError, "one_body must have shape (n, n)"):
        library.molecular_hamiltonian(np.ones((2, 3)), np.ones((2, 2, 2, 2)))
    with refuses(ValueError, "two_body must have shape (n, n, n, n) with n = 2"):
        library.molecular_hamiltonian(np.ones((2, 2)), np.ones((2, 2, 2)))
    with refuses(ValueError, "finite"):
        library.molecular_hamiltonian([[np.nan]], np.ones((1, 1, 1, 1)))
    with refuses(ValueError, "spin orbitals is 3", "even"):
        library.uccsd(2, 3)
    with refuses(ValueError, "electrons is 5", "0 to 4"):
        library.uccsd(5, 4)
    with refuses(ValueError, "no mapping"):
        library.uccsd(2, 4, "none")
