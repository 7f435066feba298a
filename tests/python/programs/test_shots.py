"""Gradients from shots: unbiased, with errors that tell the truth about their spread.

A batch of equal samples draws every sample from a stream of its own, so that one call gives as
many independent estimates as it has samples.
"""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

import ketgrad as kg

REPEATS = 4000
# The chance that any one of a test's comparisons fails though all is right (Bonferroni). Seeds are
# fixed, so a test that passes once always passes.
ALPHA = 1e-3


def assert_normal(z: np.ndarray) -> None:
    """Every z is a draw from a standard normal distribution, or exactly 0."""
    bound = NormalDist().inv_cdf(1 - ALPHA / (2 * z.size))
    assert np.abs(z).max() < bound, (np.abs(z).max(), bound)


def z_scores(difference: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Differences in units of their sigma; where that is zero they must be zero too."""
    exact = sigma < 1e-12
    np.testing.assert_allclose(difference[exact], 0, atol=1e-12)
    return difference[~exact] / sigma[~exact]


def circuit() -> kg.Circuit:
    """Two- and four-term gates, an evolution, a shared parameter and expressions of it."""
    x, w = kg.Parameter("x"), kg.ParameterVector("w", 4)
    return (
        kg.Circuit(2)
        .ry(x, 0)
        .rx(w[0], 1)
        .crx(w[1], 0, 1)
        .cp(2 * w[0], 1, 0)
        .rzz(kg.sin(w[2]) + x, 0, 1)
        .evolution(w[3], kg.PauliSum({"ZI": 0.3, "IZ": 0.5, "XX": 0.4}), [0, 1])
        .ry(w[2] * x, 1)
    )


def observables() -> list[Any]:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    return [
        kg.PauliSum({"ZI": 1.0, "XX": -0.4, "II": 2.0}),
        kg.MatrixObservable(matrix + matrix.conj().T, [1, 0]),
    ]


AT = {"inputs": [0.6], "weights": [0.4, -1.1, 0.8, 1.7]}
REPEATED = {"inputs": np.full((REPEATS, 1), 0.6), "weights": np.tile(AT["weights"], (REPEATS, 1))}

CASES = [
    ("expval", "each", 5),
    ("expval", "uniform", 3000),
    ("expval", "weighted", 3000),
    ("probs", "each", 5),
    ("probs", "uniform", 900),
    ("probs", "weighted", 900),
]


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize(("of", "allocation", "shots"), CASES)
def test_unbiased_with_the_stated_errors(
    of: str, allocation: str, shots: int, precision: str
) -> None:
    program = kg.compile(circuit(), observables(), inputs=["x"], precision=precision)
    exact = np.concatenate(program.jacobian(**AT, of=of), axis=-1)
    by_x, by_w, x_std, w_std, cov = program.jacobian(
        **REPEATED,
        of=of,
        diff_method="parameter-shift",
        shots=shots,
        shot_allocation=allocation,
        seed=7,
        return_std=True,
        return_cov=True,
    )
    draws = np.concatenate([by_x, by_w], axis=-1)
    std = np.concatenate([x_std, w_std], axis=-1)
    n_values, n_parameters = exact.shape
    assert cov.shape == (REPEATS, n_values, n_parameters, n_parameters)
    np.testing.assert_allclose(std**2, np.diagonal(cov, axis1=2, axis2=3), atol=1e-12)

    # Means.
    variance = draws.var(axis=0, ddof=1)
    rounding = 1e-6 if precision == "single" else 1e-12
    difference = draws.mean(axis=0) - exact
    difference[np.abs(difference) < rounding] = 0
    assert_normal(z_scores(difference, np.sqrt(variance / REPEATS)))

    # Variances and covariances: the estimates are unbiased, so their mean is what is seen; what is
    # seen has the spread of the products it averages.
    centered = draws - exact
    products = centered[..., :, None] * centered[..., None, :]
    excess = products - cov
    sigma = excess.std(axis=0, ddof=1) / np.sqrt(REPEATS)
    assert_normal(z_scores(excess.mean(axis=0), sigma))

    # Gates' derivatives are independent: w[1] and w[3] share none with any other parameter.
    alone = np.ones((n_parameters, n_parameters)) - np.eye(n_parameters)
    alone[np.ix_([0, 1, 3], [0, 1, 3])] = 0
    np.testing.assert_array_equal(cov[..., alone == 1], 0)


def test_errors_cover_the_truth_as_often_as_they_say() -> None:
    program = kg.compile(circuit(), observables(), inputs=["x"])
    exact = program.jacobian(**AT)[1]
    _, by_w, _, w_std = program.jacobian(
        **REPEATED, diff_method="parameter-shift", shots=200, seed=3, return_std=True
    )
    for level in (0.5, 0.9, 0.95):
        inside = np.abs(by_w - exact) < NormalDist().inv_cdf((1 + level) / 2) * w_std
        np.testing.assert_allclose(inside.mean(axis=0), level, atol=0.03)


def test_different_observables_and_samples_are_independent() -> None:
    program = kg.compile(circuit(), ["ZI", "ZI"], inputs=["x"])
    by_w = program.jacobian(**REPEATED, diff_method="parameter-shift", shots=10, seed=5)[1]
    first, second = by_w[:, 0], by_w[:, 1]
    correlations = [np.corrcoef(first[:, p], second[:, p])[0, 1] for p in range(4)]
    correlations += [np.corrcoef(first[1:, p], first[:-1, p])[0, 1] for p in range(4)]
    assert_normal(np.array(correlations) * np.sqrt(REPEATS))


def test_weights_buy_precision() -> None:
    """One string matters much more than the others, which "uniform" measures as often."""
    strings = {"ZZZ": 5.0, "XII": 0.1, "IXI": 0.1, "IIX": 0.1, "XXX": 0.1, "YYI": 0.1}
    program = kg.compile(kg.hardware_efficient(3, 1), kg.PauliSum(strings))
    weights = np.tile(np.linspace(0.3, 1.2, len(program.weights)), (200, 1))

    def variance(allocation: str) -> float:
        by_w = program.jacobian(
            weights=weights,
            diff_method="parameter-shift",
            shots=10_000,
            shot_allocation=allocation,
            seed=1,
        )[1]
        return by_w.var(axis=0).sum()

    assert variance("weighted") < 0.4 * variance("uniform")


def test_repeatable_and_the_same_for_any_threads() -> None:
    program = kg.compile(circuit(), observables(), inputs=["x"])
    few = {name: value[:5] for name, value in REPEATED.items()}
    options = {
        "diff_method": "parameter-shift",
        "shots": 30,
        "seed": 11,
        "return_std": True,
        "return_cov": True,
    }
    reference = program.jacobian(**few, **options)
    assert [array.shape[1:] for array in reference] == [(2, 1), (2, 4), (2, 1), (2, 4), (2, 5, 5)]
    try:
        for threads in (1, 2, 3):
            kg.set_num_threads(threads)
            for a, b in zip(reference, program.jacobian(**few, **options), strict=True):
                np.testing.assert_array_equal(a, b)
    finally:
        kg.set_num_threads(0)
    first = program.jacobian(**AT, **options)
    for a, b in zip(reference, first, strict=True):
        np.testing.assert_array_equal(a[0], b)
    other = program.jacobian(**few, **{**options, "seed": 12})
    assert (reference[1] != other[1]).any()


def test_what_is_certain_has_no_error() -> None:
    program = kg.compile(kg.Circuit(1).rz(kg.Parameter("a"), 0), ["Z", kg.PauliSum({"I": 2.0})])
    by_w, w_std = program.jacobian(
        weights=[0.3], diff_method="parameter-shift", shots=10, seed=1, return_std=True
    )[1::2]
    np.testing.assert_array_equal(by_w, [[0], [0]])
    np.testing.assert_array_equal(w_std, [[0], [0]])
    bare = kg.compile(kg.Circuit(1).h(0), "Z")
    arrays = bare.jacobian(
        diff_method="parameter-shift", shots=10, return_std=True, return_cov=True
    )
    assert [array.shape for array in arrays] == [(1, 0), (1, 0), (1, 0), (1, 0), (1, 0, 0)]


@pytest.mark.parametrize("shots", [2**53 + 1, 2**62])
def test_more_shots_than_doubles_count_are_refused(shots):
    program = kg.compile(kg.Circuit(1).h(0), "Z")
    for call in (program.expval, program.probs):
        with pytest.raises(ValueError, match=f"{shots}; it must be at most 9007199254740992"):
            call(shots=shots)
    assert program.expval(shots=2**53, seed=0) == pytest.approx(0, abs=1e-6)
