"""The gallery's batch of CartPole environments, against gymnasium's, step for step."""

import numpy as np
import pytest

from ketgrad.gallery import agents, poles


def test_steps_as_gymnasium_does():
    gymnasium = pytest.importorskip("gymnasium")
    one, rng = gymnasium.make("CartPole-v1"), np.random.default_rng(0)
    for seed in range(20):
        one.reset(seed=seed)
        states, over = np.array([one.unwrapped.state, [0, 0, 0.1, 0]]), False
        while not over:
            push = int(rng.integers(2))
            seen, reward, over, cut, _ = one.step(push)
            states = poles.step(states, np.array([push, 1]))
            np.testing.assert_array_equal(states[0].astype(np.float32), seen)
            np.testing.assert_allclose(states[0], one.unwrapped.state, rtol=1e-12, atol=1e-15)
            assert (over, reward, cut) == (poles.fallen(states)[0], 1.0, False)
    assert one.spec.max_episode_steps == poles.STEPS


def test_begins_where_gymnasium_does():
    states = poles.fresh(np.random.default_rng(0), 1000)
    assert states.shape == (1000, 4)
    assert 0.049 < abs(states).max() <= 0.05


@pytest.mark.parametrize(
    "agent",
    [
        agents.Circuits(
            ["ZZZZ"], low=-1, factors=(1, -1), rates=(0.01, 0.1, 0.1), bounds=poles.BOUNDS
        ),
        agents.Circuits(["IIZZ", "ZZII"], 0, (1, 1), (0.001, 0.001, 0.1), squash=True),
        agents.Networks((0.01, 0.1)),
    ],
)
def test_gradients_of_agents_are_those_of_their_values(agent):
    rng, step = np.random.default_rng(0), 1e-6
    weights = agent.start(rng) + 0.1 * rng.normal(size=agent.rates.shape)
    states, wanted = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
    nudged = weights + step * np.stack([np.eye(len(weights)), -np.eye(len(weights))])
    above, below = (
        np.array([((agent.values(w, states) - wanted) ** 2).sum() for w in each]) for each in nudged
    )
    gradient = agent.gradient(weights, states, lambda values: 2 * (values - wanted))
    np.testing.assert_allclose(gradient, (above - below) / (2 * step), atol=1e-7)
    each = agent.values(np.repeat(weights[None], 6, axis=0), states)
    np.testing.assert_allclose(each, agent.values(weights, states), atol=1e-14)
