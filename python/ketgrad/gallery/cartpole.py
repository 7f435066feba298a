"""A circuit learns by policy gradients to keep a pole upright on a cart.

The chances of its two actions are the softmax of their values. REINFORCE makes actions of a batch
of episodes likelier, or less so, by how much more return than on average was still to come.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ketgrad.gallery import agents, curves, poles
from ketgrad.gallery.experiment import Experiment, Trial

N_AGENTS, N_EPISODES, QUICK_EPISODES = 8, 1000, 150
BATCH = curves.TEN
PUBLISHED = 470
CIRCUIT = agents.Circuits(
    ["ZZZZ"], low=-1, factors=(1, -1), rates=(0.01, 0.1, 0.1), bounds=poles.BOUNDS
)
NETWORK = agents.Networks(rates=(0.1, 0.1))


def chances(values: Any) -> Any:
    """Give the chances of a push to the right."""
    return 1 / (1 + np.exp(values[:, 0] - values[:, 1]))


def reinforce(rightwards: Any, credit: Any) -> agents.Loss:
    """Make the loss whose derivatives are those of -sum(log chance of the action * credit)."""

    def loss(values: Any) -> Any:
        by_right = (chances(values) - rightwards) * credit
        return np.stack([-by_right, by_right], axis=1)

    return loss


def play(agent: agents.Agent, weights: Any, rng: np.random.Generator) -> tuple[Any, ...]:
    """Play a batch of episodes of each agent, all side by side.

    Returns the lengths of the episodes; and of every step its episode, its time, the state and
    whether the push was to the right.
    """
    n = len(weights) * BATCH
    states, lengths, alive, steps = poles.fresh(rng, n), np.zeros(n, dtype=int), np.arange(n), []
    for time in range(poles.STEPS):
        values = agent.values(weights[alive // BATCH], states[alive])
        rightwards = rng.random(len(alive)) < chances(values)
        steps.append((alive, np.full(len(alive), time), states[alive], rightwards))
        states[alive] = poles.step(states[alive], rightwards)
        lengths[alive] += 1
        alive = alive[~poles.fallen(states[alive])]
        if not len(alive):
            break
    return lengths, *map(np.concatenate, zip(*steps, strict=True))


def train(agent: agents.Agent, n_episodes: int, rng: np.random.Generator) -> Any:
    """Train agents until all episodes of a batch last to the end.

    Returns the mean return of each batch, shape (N_AGENTS, batches), 500 after that.
    """
    weights = np.array([agent.start(rng) for _ in range(N_AGENTS)])
    optimizers, learning = agents.optimizers(agent, N_AGENTS), np.arange(N_AGENTS)
    means = np.full((N_AGENTS, n_episodes // BATCH), float(poles.STEPS))
    for batch in range(n_episodes // BATCH):
        lengths, episode, time, states, rightwards = play(agent, weights[learning], rng)
        means[learning, batch] = lengths.reshape(-1, BATCH).mean(axis=1)
        # A step is worth 1: the return that is to come falls from the length of the episode to 1.
        length = lengths[episode]
        credit = (length - time - (length + 1) / 2) / np.sqrt((length**2 - 1) / 12) / BATCH
        for k, one in enumerate(learning):
            its = episode // BATCH == k
            loss = reinforce(rightwards[its], credit[its])
            gradient = agent.gradient(weights[one], states[its], loss)
            weights[one] = optimizers[one].step(weights[one], gradient)
        learning = learning[means[learning, batch] < poles.STEPS]
        if not len(learning):
            break
    return means


def run(seed: int, quick: bool) -> Trial:
    """Train agents that are circuits, and as many that are networks."""
    n_episodes = QUICK_EPISODES if quick else N_EPISODES
    circuits, networks = (
        train(agent, n_episodes, np.random.default_rng(seed)) for agent in (CIRCUIT, NETWORK)
    )
    return Trial(curves.figures(circuits), curves.figures(networks), (circuits, networks))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the learning curves."""
    curves.draw(ax, trials, PUBLISHED)


EXPERIMENT = Experiment(
    paper="Jerbi et al. 2021, Parametrized quantum policies for reinforcement learning, "
    "arXiv:2103.05577",
    setup="CartPole-v1 of gymnasium, its equations stepped as a batch. 4 qubits, 5 layers, ⟨ZZZZ⟩, "
    "94 weights; Adam with AMSGrad, rates .01 of angles, .1 of scales and factors, batches of 10 "
    f"episodes, no discount, at most {N_EPISODES} episodes. {N_AGENTS} agents a seed. Published is "
    "one run, of TensorFlow Quantum's tutorial, which took about 20 minutes; accepted are a "
    "quarter more episodes on average, which was set before the first run. Agents that never "
    "reach 500 count with all episodes; those that do take about 500, 40 agents' mean.",
    classical=f"a network of {agents.HIDDEN} hidden units, 93 weights, by the same rule, with the "
    "best of five learning rates",
    claims=curves.claims(PUBLISHED, 1.25 * PUBLISHED),
    budget=180,
    run=run,
    draw=draw,
)
