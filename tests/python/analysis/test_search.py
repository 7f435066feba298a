"""Restarts and evolution find minima that are known."""

import numpy as np
import pytest

import ketgrad as kg

GROUND = -np.sqrt(1.25)  # of ZZ - 0.5 XI


@pytest.fixture(scope="module")
def program():
    return kg.compile(kg.hardware_efficient(2, 1), "ZZ - 0.5*XI")


def energies_and_slopes(program):
    def call(W):
        values, _, slopes = program.value_and_vjp(np.ones((len(W), 1)), weights=W)
        return values[:, 0], slopes

    return call


def test_restarts_find_the_ground_state(program):
    found = kg.random_restarts(energies_and_slopes(program), 6, n_steps=150, seed=1)
    assert found.value == pytest.approx(GROUND, abs=1e-4)
    assert program.expval(weights=found.weights)[0] == pytest.approx(found.value, abs=1e-12)
    assert len(found.history) == 151
    assert (np.diff(found.history) <= 0).all()


def test_every_start_goes_its_own_way(program):
    # The best of one start is what descending from it alone gives.
    call = energies_and_slopes(program)
    for optimizer in kg.optimizer_names(gradient_only=True):
        options = {"n_steps": 10, "optimizer": optimizer, "learning_rate": 0.01, "seed": 3}
        many = kg.random_restarts(call, 6, n_starts=4, **options)
        starts = np.random.default_rng(3).uniform(0, 2 * np.pi, (4, 6))
        losses = []
        for start in starts:
            descent, w = kg.Optimizer(optimizer, 0.01), start
            for _ in range(10):
                losses.append(call(w[None])[0][0])
                w = descent.step(w, call(w[None])[1][0])
            losses.append(call(w[None])[0][0])
        assert many.value == pytest.approx(min(losses), abs=1e-12)


def test_evolution_finds_the_ground_state_also_with_shots(program):
    found = kg.evolution_strategy(
        lambda W: program.expval(weights=W)[:, 0], np.full(6, 0.5), n_steps=300, seed=0
    )
    assert found.value == pytest.approx(GROUND, abs=2e-3)
    seeds = iter(range(10**6))
    noisy = kg.evolution_strategy(
        lambda W: program.expval(weights=W, shots=200, seed=next(seeds))[:, 0],
        np.full(6, 0.5),
        n_steps=200,
        seed=0,
    )
    assert program.expval(weights=noisy.weights)[0] < -1.0


def test_seeds_reproduce(program):
    loss = lambda W: program.expval(weights=W)[:, 0]  # noqa: E731
    runs = [kg.evolution_strategy(loss, np.zeros(6), n_steps=3, seed=s).weights for s in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_bad_input_is_refused(program):
    call = energies_and_slopes(program)
    with pytest.raises(ValueError, match="n_starts=0"):
        kg.random_restarts(call, 6, n_starts=0)
    with pytest.raises(ValueError, match=r"losses must have shape \(16,\), got \(\)"):
        kg.random_restarts(lambda W: (0.0, W), 6)
    with pytest.raises(ValueError, match="a loss is nan"):
        kg.random_restarts(lambda W: (W[:, 0] * np.nan, W), 6)
    with pytest.raises(ValueError, match="sigma=0"):
        kg.evolution_strategy(lambda W: W[:, 0], [0.1], sigma=0)
    with pytest.raises(ValueError, match=r"start must have shape .* \(1, 1\)"):
        kg.evolution_strategy(lambda W: W[:, 0], [[0.1]])


def test_a_circuit_is_no_function(program):
    circuit = kg.hardware_efficient(2, 1)
    for call in (
        lambda f: kg.random_restarts(f, 6),
        lambda f: kg.evolution_strategy(f, [0.0] * 6),
    ):
        with pytest.raises(
            TypeError, match=r"not <ketgrad.Circuit.*; compile the circuit and give a"
        ):
            call(circuit)
        with pytest.raises(
            TypeError, match=r"not <ketgrad.Program.*; give a function of the program"
        ):
            call(program)
        with pytest.raises(TypeError, match=r"must be a function of weights, .*, not None \(None"):
            call(None)
    with pytest.raises(ValueError, match="must return a pair, the losses and their gradients, not"):
        kg.random_restarts(lambda W: W[:, 0], 6)


@pytest.mark.parametrize("name", ["n_weights", "n_starts", "n_steps"])
def test_numbers_of_restarts_are_integers(program, name):
    given = {"n_weights": 6, name: 2.5}
    with pytest.raises(TypeError, match=f"^{name} must be an integer of at least 1, not 2.5"):
        kg.random_restarts(energies_and_slopes(program), **given)


@pytest.mark.parametrize("name", ["n_pairs", "n_steps", "seed"])
def test_numbers_of_evolution_are_integers(name):
    with pytest.raises(TypeError, match=f"^{name} must be an integer of at least [01], not '3'"):
        kg.evolution_strategy(lambda W: W[:, 0], [0.0], **{name: "3"})
