"""Genetic algorithm, particle swarm and CMA-ES find minima that are known."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ketgrad as kg

GROUND = -np.sqrt(1.25)  # of ZZ - 0.5 XI
TURN = [(-np.pi, np.pi)] * 6


def sphere(rows):
    return ((rows - 0.25) ** 2).sum(axis=1)


SEARCHES = {
    "genetic_algorithm": lambda loss=sphere, bounds=TURN, **more: kg.genetic_algorithm(
        loss, bounds, **more
    ),
    "particle_swarm": lambda loss=sphere, bounds=TURN, **more: kg.particle_swarm(
        loss, bounds, **more
    ),
    "cma_es": lambda loss=sphere, bounds=TURN, **more: kg.cma_es(
        loss, more.pop("start", np.mean(bounds, axis=-1)), bounds=bounds, **more
    ),
}
EVERY = pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)


@pytest.fixture(scope="module")
def program():
    return kg.compile(kg.hardware_efficient(2, 1), "ZZ - 0.5*XI")


@EVERY
def test_finds_the_ground_state(search, program):
    found = search(lambda W: program.expval(weights=W)[:, 0], n_steps=300, seed=2)
    assert found.value == pytest.approx(GROUND, abs=2e-3)
    assert program.expval(weights=found.weights)[0] == pytest.approx(found.value, abs=1e-12)
    assert (np.diff(found.history) <= 0).all()


@EVERY
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_stays_in_bounds_and_evaluates_whole_generations(search, data):
    limits = st.floats(-5, 5, allow_subnormal=False)
    pairs = st.tuples(limits, limits).map(sorted).filter(lambda pair: pair[1] - pair[0] > 1e-3)
    bounds = np.array(data.draw(st.lists(pairs, min_size=1, max_size=3)))
    seen = []

    def loss(rows):
        seen.append(rows.copy())
        return sphere(rows)

    n_steps = data.draw(st.integers(1, 5))
    found = search(loss, bounds, n_steps=n_steps, population=7, seed=data.draw(st.integers(0, 99)))
    assert {rows.shape for rows in seen} == {(7, len(bounds))}
    assert len(seen) == len(found.history) <= n_steps + 1
    rows = np.concatenate(seen)
    assert (rows >= bounds[:, 0]).all()
    assert (rows <= bounds[:, 1]).all()
    assert found.value == sphere(rows).min()


@EVERY
def test_begins_at_the_start(search):
    start = np.full(6, 0.25)
    found = search(start=start, n_steps=1, seed=1)
    if search is not SEARCHES["cma_es"]:  # which has it as a mean
        np.testing.assert_array_equal(found.weights, start)
    with pytest.raises(ValueError, match=r"start\[1\]=4.0; it must lie in its bounds, -3"):
        search(start=[0, 4, 0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"start must have shape \(6,\), got \(2,\)"):
        search(start=[0.0, 0.0])


@EVERY
def test_seeds_reproduce_and_leave_numpys_own_alone(search):
    np.random.seed(3)  # noqa: NPY002 - that nothing draws from these is the question
    runs = [search(n_steps=4, seed=seed).weights for seed in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])
    untouched = np.random.RandomState(3).uniform()
    assert np.random.uniform() == untouched  # noqa: NPY002


@EVERY
def test_ends_where_it_is_told_to(search):
    steps = []

    def callback(progress):
        assert progress["value"] == sphere(progress["weights"][None])[0]
        steps.append(progress["step"])
        return progress["step"] < 3

    found = search(callback=callback, seed=0)
    assert (found.message, steps) == ("the callback ended it", [1, 2, 3])
    found = search(target=3.0, seed=0)
    assert found.message == "the loss reached the target of 3"
    assert found.value <= 3.0
    assert (found.history[:-1] > 3.0).all()
    found = search(patience=4, tolerance=1e9, seed=0)
    assert found.message == "the best loss fell by no more than 1e+09 in 4 steps"
    assert found.n_steps == 4
    assert search(n_steps=2, seed=0).message == "all 2 steps were taken"


@pytest.mark.parametrize("seed", range(3))
def test_integers_and_bits_reach_the_exact_optimum(seed):
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(10, 10))
    bits = (np.arange(2**10)[:, None] >> np.arange(10)) & 1
    values = np.einsum("xi,ij,xj->x", bits, matrix, bits)

    def loss(rows):
        assert np.isin(rows, (0, 1)).all()
        return np.einsum("xi,ij,xj->x", rows, matrix, rows)

    found = kg.genetic_algorithm(loss, [(0, 1)] * 10, integers=True, seed=seed)
    assert found.value == pytest.approx(values.min())


def test_integers_and_real_numbers_mix():
    def loss(rows):
        assert (rows[:, 0] == np.rint(rows[:, 0])).all()
        return (rows[:, 0] + 2) ** 2 + (rows[:, 1] - 0.3) ** 2

    found = kg.genetic_algorithm(loss, [(-3, 7), (-1, 1)], integers=[True, False], seed=0)
    np.testing.assert_allclose(found.weights, [-2, 0.3], atol=1e-2)


def test_first_integers_and_their_mutations_are_uniform():
    seen = []

    def loss(rows):
        seen.append(rows.copy())
        return np.zeros(len(rows))

    more = {"integers": True, "population": 9000, "crossover": 0, "mutation": 1, "elite": 0}
    kg.genetic_algorithm(loss, [(-1, 1)], n_steps=1, tournament=1, seed=0, **more)
    for rows in seen:
        counts = [np.count_nonzero(rows == value) for value in (-1, 0, 1)]
        assert sum(counts) == 9000
        assert np.abs(np.array(counts) - 3000).max() < 200


@EVERY
def test_bad_input_is_refused(search):
    with pytest.raises(ValueError, match=r"bounds must have shape \(n_weights, 2\), got \(3,\)"):
        search(bounds=[0, 1, 2], start=[0.0])
    with pytest.raises(ValueError, match=r"bounds\[1\]=\(1.0, 0.0\); both must be finite, the low"):
        search(bounds=[(0, 1), (1, 0)])
    with pytest.raises(ValueError, match=r"bounds\[0\]=\(0.0, inf\)"):
        search(bounds=[(0, np.inf)], start=[0.0])
    with pytest.raises(ValueError, match=r"losses must have shape \(8,\), got \(\)"):
        search(lambda W: 0.0, population=8)
    with pytest.raises(ValueError, match="a loss is nan, that of row 0"):
        search(lambda W: W[:, 0] * np.nan)
    with pytest.raises(TypeError, match="loss must be a function of weights, a row each, not None"):
        search(None)
    with pytest.raises(TypeError, match=r"callback must be a function of a dict, not 3 \(int\)"):
        search(callback=3)
    for name in ("n_steps", "population", "patience"):
        with pytest.raises(ValueError, match=f"{name}=0; it must be at least"):
            search(**{name: 0})
    with pytest.raises(ValueError, match=r"tolerance=-1.0; it must be finite and at least 0"):
        search(tolerance=-1)
    with pytest.raises(ValueError, match="target=nan; it must be a number that losses can reach"):
        search(target=np.nan)
    with pytest.raises(TypeError, match="the callback must return True, False or None, not"):
        search(callback=lambda progress: progress["weights"])


@EVERY
def test_bounds_may_be_the_same(search):
    seen = []

    def loss(rows):
        seen.append(rows.copy())
        return sphere(rows)

    found = search(loss, [(1, 1), (-1, 1), (2, 2), (0, 1e-300)], n_steps=40, seed=0)
    np.testing.assert_allclose(found.weights, [1, 0.25, 2, 0], atol=1e-2)
    rows = np.concatenate(seen)
    assert (rows[:, [0, 2]] == [1, 2]).all()
    assert found.value == sphere(found.weights[None])[0]
    alone = search(bounds=[(1, 1), (-2, -2)], n_steps=2, seed=0)
    np.testing.assert_array_equal(alone.weights, [1, -2])
    assert alone.value == sphere(alone.weights[None])[0]


def test_options_out_of_range_are_refused():
    with pytest.raises(ValueError, match="elite=50; it must be from 0 to 49"):
        kg.genetic_algorithm(sphere, TURN, elite=50)
    with pytest.raises(MemoryError, match="49 tournaments of tournament=100000000000 needs"):
        kg.genetic_algorithm(sphere, TURN, tournament=10**11)
    for name in ("crossover", "mutation"):
        with pytest.raises(ValueError, match=f"{name}=1.5; it must be from 0 to 1"):
            kg.genetic_algorithm(sphere, TURN, **{name: 1.5})
    with pytest.raises(ValueError, match=r"bounds\[0\]=\(0.5, 1.0\); those of an integer must be"):
        kg.genetic_algorithm(sphere, [(0.5, 1)], integers=True)
    with pytest.raises(ValueError, match="start must have integers where integers says so"):
        kg.genetic_algorithm(sphere, [(0, 1)], integers=True, start=[0.5])
    with pytest.raises(TypeError, match=r"integers must be True, False or an array of them, not 1"):
        kg.genetic_algorithm(sphere, TURN, integers=1)
    with pytest.raises(TypeError, match="integers is a masked array, and its mask would be lost"):
        kg.genetic_algorithm(sphere, TURN, integers=np.ma.masked_array([True] * 6, mask=True))
    with pytest.raises(ValueError, match=r"integers must have shape \(6,\), got \(2,\)"):
        kg.genetic_algorithm(sphere, TURN, integers=[True, False])
    with pytest.raises(ValueError, match=r"inertia=-1.0; it must be finite and at least 0"):
        kg.particle_swarm(sphere, TURN, inertia=-1)
    with pytest.raises(ValueError, match=r"sigma=0.0; it must be positive and finite"):
        kg.cma_es(sphere, [0.5], sigma=0)
    with pytest.raises(ValueError, match="start has values that are not finite"):
        kg.cma_es(sphere, [np.inf])


def test_cma_ends_by_its_own_rules_too():
    found = kg.cma_es(lambda rows: np.zeros(len(rows)), [0.1, 0.2], seed=0)
    assert found.message.startswith("cma ended it: tolfun")
    assert found.n_steps < 100


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cma", None)
    with pytest.raises(ImportError, match=r"needs cma: pip install 'ketgrad\[gallery\]'"):
        kg.cma_es(sphere, [0.5])
