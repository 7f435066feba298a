"""Models of physics and problems over bits as Pauli sums."""

from itertools import pairwise, product

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

library = kg.library
SIZES = range(1, 9)
RING = [(0, 1), (1, 2), (2, 3), (3, 0)]


def on(letters: str, qubits: list[int], n: int) -> np.ndarray:
    return kg.PauliSum.from_sparse([(letters, qubits, 1.0)], n).matrix()


@pytest.mark.parametrize("n", SIZES)
def test_ising_and_heisenberg_chains(n: int) -> None:
    bonds = [[q, q + 1] for q in range(n - 1)]
    ising = -sum((1.5 * on("ZZ", bond, n) for bond in bonds), 0 * on("Z", [0], n))
    ising = ising - 0.5 * sum(on("X", [q], n) for q in range(n))
    np.testing.assert_allclose(library.transverse_ising(n, 1.5, 0.5).matrix(), ising, atol=1e-12)
    spins = sum((c * on(a, b, n) for b in bonds for a, c in (("XX", 1), ("YY", 2), ("ZZ", 3))), 0)
    spins = spins + 0.25 * sum(on("Z", [q], n) for q in range(n))
    found = library.heisenberg(n, (1, 2, 3), 0.25).matrix()
    np.testing.assert_allclose(found, spins, atol=1e-12)


def test_closed_chains_and_edges() -> None:
    for model in (library.transverse_ising, library.heisenberg, library.hubbard):
        assert model(4, periodic=True) == model(4, edges=RING)
        assert model(4) == model(4, edges=RING[:-1])
        assert model(2, periodic=True) == model(2)  # one bond, not two


def test_ground_state_energies_that_are_known() -> None:
    """The four-site ring has E = -2 J in spins; open chains as by dense diagonalisation."""
    assert library.heisenberg(4, 0.25, periodic=True).ground_state()[0] == pytest.approx(-2)
    # Bonner and Fisher (1964), of ten spins: E / N = -0.4515446 in units of J.
    ten = library.heisenberg(10, 0.25, periodic=True).ground_state()[0] / 10
    assert ten == pytest.approx(-0.4515446, abs=1e-7)
    # Pfeuty (1970): free fermions with energies 2 sqrt(1 + h^2 - 2 h cos k), half-odd momenta.
    n, h = 10, 0.7
    k = np.pi * (2 * np.arange(n) + 1) / n
    exact = -np.sqrt(1 + h**2 - 2 * h * np.cos(k)).sum()
    found = library.transverse_ising(n, 1.0, h, periodic=True).ground_state()[0]
    assert found == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("n", range(2, 7))
def test_maxcut_counts_the_cut(n: int) -> None:
    rng = np.random.default_rng(n)
    edges = [(a, b) for a in range(n) for b in range(a) if rng.random() < 0.7] or [(0, 1)]
    weights = rng.normal(size=len(edges))
    values = library.maxcut(edges, weights, n_qubits=n).matrix().diagonal()
    for bits in range(2**n):
        cut = sum(
            w for (a, b), w in zip(edges, weights, strict=True) if (bits >> a ^ bits >> b) & 1
        )
        assert values[bits] == pytest.approx(-cut)
    assert library.maxcut(edges) == library.maxcut(edges, np.ones(len(edges)))


@pytest.mark.parametrize("n", range(1, 7))
def test_qubo_is_the_value_of_the_bits(n: int) -> None:
    matrix = np.random.default_rng(n).normal(size=(n, n))
    values = library.qubo(matrix).matrix().diagonal()
    for k, bits in enumerate(product([0, 1], repeat=n)):
        x = np.array(bits[::-1])  # bit 0 is the last to change least
        assert values[k] == pytest.approx(x @ matrix @ x)


def test_hubbard_has_one_spectrum_in_all_mappings() -> None:
    for sites, edges in ((2, None), (3, [(0, 1), (1, 2), (2, 0)]), (4, RING)):
        spectra = [
            library.hubbard(sites, 1.0, 4.0, 1.0, edges=edges, mapping=mapping).eigenvalues()
            for mapping in ("jordan_wigner", "parity", "bravyi_kitaev")
        ]
        for one, other in pairwise(spectra):
            np.testing.assert_allclose(one, other, atol=1e-9)


def test_the_hubbard_dimer_and_free_electrons() -> None:
    """E = (U - sqrt(U**2 + 16 t**2)) / 2 at half filling, which mu = U / 2 favours."""
    t, u = 1.0, 4.0
    lowest = library.hubbard(2, t, u, u / 2).ground_state()[0]
    assert lowest == pytest.approx((u - np.sqrt(u**2 + 16 * t**2)) / 2 - u)
    levels = np.linalg.eigvalsh(-np.diag(np.ones(4), 1) - np.diag(np.ones(4), -1))
    free = 2 * levels[levels < 0].sum()
    assert library.hubbard(5, 1.0, 0.0).ground_state()[0] == pytest.approx(free)


def test_lattices_that_are_refused() -> None:
    with refuses(ValueError, "number of sites is 0"):
        library.heisenberg(0)
    with refuses(ValueError, "number of sites is 63", "62"):
        library.transverse_ising(63)
    with refuses(ValueError, "number of sites is 32", "31"):
        library.hubbard(32)
    with refuses(IndexError, "site 4", "[0, 3]"):
        library.heisenberg(4, edges=[(0, 4)])
    with refuses(ValueError, "from site 1 to itself"):
        library.heisenberg(4, edges=[(1, 1)])
    with refuses(ValueError, "periodic", "edges"):
        library.heisenberg(4, periodic=True, edges=RING)
    with refuses(TypeError, "pairs such as (0, 1)"):
        library.heisenberg(4, edges=[(0, 1, 2)])
    with refuses(TypeError, "(Jx, Jy, Jz)"):
        library.heisenberg(4, (1, 2))
    with refuses(ValueError, "no mapping", "bravyi_kitaev"):
        library.hubbard(2, mapping="none")
    with refuses(ValueError, "nan"):
        library.transverse_ising(2, field=np.nan)


def test_problems_that_are_refused() -> None:
    with refuses(ValueError, "weights must have shape (2,)"):
        library.maxcut([(0, 1), (1, 2)], [1.0])
    with refuses(ValueError, "2 x 3", "square"):
        library.qubo(np.ones((2, 3)))
    with refuses(ValueError, "shape (n, n)", "1 axes"):
        library.qubo([1.0])
    with refuses(ValueError, "finite"):
        library.qubo([[np.inf]])
