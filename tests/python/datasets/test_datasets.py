"""Data sets by code: shapes, labels by their definitions, seeds, refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import LinearSVC

import ketgrad as kg
from ketgrad import datasets

DRAWN: dict[str, Callable[..., Any]] = {
    "linearly_separable": datasets.linearly_separable,
    "hidden_manifold": datasets.hidden_manifold,
    "two_curves": datasets.two_curves,
    "hyperplanes": datasets.hyperplanes,
    "spirals": datasets.spirals,
    "checkerboard": datasets.checkerboard,
    "bars_and_stripes": lambda n, **options: datasets.bars_and_stripes(n_samples=n, **options),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_seed_gives_the_same_data(draw: Callable[..., Any]) -> None:
    X, y = draw(60, random_state=3)
    assert len(X) == len(y) == 60
    assert X.dtype == float
    assert set(y) == {0, 1}
    assert np.isfinite(X).all()
    again, other = draw(60, random_state=3), draw(60, random_state=4)
    assert np.array_equal(X, again[0])
    assert np.array_equal(y, again[1])
    assert not np.array_equal(X, other[0])
    assert not np.array_equal(draw(60)[0], draw(60)[0])


@given(n=st.integers(1, 50), d=st.integers(1, 8), margin=st.floats(0, 0.2), seed=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_linearly_separable(n: int, d: int, margin: float, seed: int) -> None:
    X, y = datasets.linearly_separable(n, d, margin=margin, random_state=seed)
    assert X.shape == (n, d)
    assert (np.abs(X.sum(axis=1)) >= margin * d).all()
    assert np.array_equal(X.sum(axis=1) > 0, y)


@given(n=st.integers(1, 50), d=st.integers(1, 8), m=st.integers(1, 8), seed=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_hidden_manifold(n: int, d: int, m: int, seed: int) -> None:
    X, y = datasets.hidden_manifold(n, d, n_dimensions=m, random_state=seed)
    assert X.shape == (n, d)
    assert y.sum() == n // 2
    # tanh is undone: the rows lie in a space of m dimensions, about a point.
    assert np.linalg.matrix_rank(np.arctanh(X) - np.arctanh(X[0]), tol=1e-6) <= m


def test_two_curves_are_one_apart() -> None:
    X, y = datasets.two_curves(400, 3, degree=2, offset=0.5, noise=0, random_state=1)
    unmoved = X - 0.5 * y[:, None]
    # Both are one curve: 1, cos and sin of two frequencies, so 5 numbers describe 3 features.
    assert np.abs(unmoved).max() < 1.5
    nearest = [np.linalg.norm(unmoved[y == 0] - point, axis=1).min() for point in unmoved[y == 1]]
    assert np.median(nearest) < 0.02
    noisy, _ = datasets.two_curves(400, 3, degree=2, offset=0.5, noise=0.1, random_state=1)
    assert (noisy - X).std() == pytest.approx(0.1, rel=0.1)


@given(n=st.integers(1, 50), planes=st.integers(1, 5), m=st.integers(1, 4), seed=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_hyperplanes(n: int, planes: int, m: int, seed: int) -> None:
    X, y = datasets.hyperplanes(n, 5, n_planes=planes, n_dimensions=m, random_state=seed)
    assert X.shape == (n, 5)
    assert np.linalg.matrix_rank(X, tol=1e-9) <= m
    assert y.sum() == n - n // 2


def test_one_hyperplane_is_a_linear_task() -> None:
    X, y = datasets.hyperplanes(200, 3, n_planes=1, n_dimensions=3, random_state=0)
    assert LinearSVC(C=1e3, max_iter=100_000).fit(X, y).score(X, y) > 0.97


def test_spirals_and_checkerboards() -> None:
    X, y = datasets.spirals(300, n_turns=1.5, noise=0, random_state=0)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    turned = np.pi * y + 3 * np.pi * radius
    assert np.allclose(np.exp(1j * angle), np.exp(1j * turned))
    X, y = datasets.checkerboard(300, n_tiles=3, random_state=0)
    assert np.array_equal((3 * X).astype(int).sum(axis=1) % 2, y)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 2), (3, 3), (2, 5)])
def test_all_bars_and_stripes(shape: tuple[int, int]) -> None:
    X, y = datasets.bars_and_stripes(*shape)
    assert len(np.unique(X, axis=0)) == len(X) == 2 ** shape[0] + 2 ** shape[1] - 2
    for image, label in zip(X.reshape(-1, *shape), y, strict=True):
        lines = image if label == 0 else image.T
        assert all(len(set(line)) == 1 for line in lines)


def test_some_bars_and_stripes() -> None:
    X, y = datasets.bars_and_stripes(3, 4, n_samples=500, random_state=0)
    every, labels = datasets.bars_and_stripes(3, 4)
    known = {row.tobytes(): label for row, label in zip(every, labels, strict=True)}
    assert [known[row.tobytes()] for row in X] == y.tolist()
    assert len(np.unique(X, axis=0)) == len(every) - 2  # but for the two that are both
    noisy, _ = datasets.bars_and_stripes(3, 4, n_samples=500, noise=0.1, random_state=0)
    assert (noisy - X).std() == pytest.approx(0.1, rel=0.05)


def test_ground_states_of_the_cluster_ising_chain() -> None:
    n = 6
    X, y = datasets.cluster_ising(n, 9, coupling=0.2)
    assert np.array_equal(y, np.linspace(0, 1.6, 9) < 1)
    for row, h in zip(X, np.linspace(0, 1.6, 9), strict=True):
        terms = [("ZXZ", [k, k + 1, k + 2], -1.0) for k in range(n - 2)]
        terms += [("X", [k], -h) for k in range(n)]
        terms += [("XX", [k, k + 1], -0.2) for k in range(n - 1)]
        matrix = kg.PauliSum(terms).matrix()
        energy = np.vdot(row, matrix @ row).real
        assert energy == pytest.approx(np.linalg.eigvalsh(matrix)[0], abs=1e-9)


def test_order_ends_where_the_labels_change() -> None:
    n = 9
    X, y = datasets.cluster_ising(n, 2, strongest_field=2.0)
    assert y.tolist() == [1, 0]
    # A product of terms of H: of the cluster state 1, and 0 without its order.
    string = kg.PauliSum([("ZXXXZ", [0, 1, 3, 5, 6], 1.0)], n)
    first, last = (kg.State.from_amplitudes(row).expval(string) for row in X)
    assert abs(first) > 0.9
    assert abs(last) < 0.1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: datasets.two_curves(0), ValueError, "n_samples=0; it must be at least 1"),
        (lambda: datasets.two_curves(9, 2.5), TypeError, "n_features must be an integer"),
        (lambda: datasets.two_curves(degree=0), ValueError, "degree=0; it must be at least 1"),
        (lambda: datasets.two_curves(noise=-1), ValueError, r"noise=-1; .*from 0 to inf"),
        (lambda: datasets.two_curves(offset=np.nan), ValueError, "offset=nan; it must be finite"),
        (lambda: datasets.two_curves(offset="a"), TypeError, "offset must be a number, not 'a'"),
        (
            lambda: datasets.linearly_separable(margin=0.3),
            ValueError,
            r"margin=0\.3; it must be finite, from 0 to 0\.2",
        ),
        (
            lambda: datasets.linearly_separable(10, 500, margin=0.2, random_state=0),
            ValueError,
            r"margin=0\.2 leaves fewer than 10 of 10000 points of 500 features",
        ),
        (
            lambda: datasets.hidden_manifold(random_state=-1),
            ValueError,
            "random_state=-1; it must be at least 0",
        ),
        (lambda: datasets.spirals(n_turns=0), ValueError, "n_turns=0; it must be finite, above 0"),
        (lambda: datasets.checkerboard(n_tiles=0), ValueError, "n_tiles=0"),
        (lambda: datasets.bars_and_stripes(21), ValueError, "n_rows=21; it must be from 1 to 20"),
        (
            lambda: datasets.bars_and_stripes(noise=0.1),
            ValueError,
            r"noise=0\.1 goes with n_samples, which is None",
        ),
        (
            lambda: datasets.bars_and_stripes(1, 4, n_samples=3),
            ValueError,
            "images of 1 x 4 pixels have no rows beside columns",
        ),
        (lambda: datasets.cluster_ising(13), ValueError, "n_qubits=13; it must be from 3 to 12"),
    ],
)
def test_refusals(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
