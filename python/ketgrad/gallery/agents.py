"""What learns to balance a pole: a circuit that gives a value to both actions, or a network.

Weights are those of one agent, or a row for each state: then many agents act side by side.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

import ketgrad as kg
from ketgrad.gallery import poles

N, LAYERS, HIDDEN = 4, 5, 13
N_ANGLES, N_SCALES = 3 * N * (LAYERS + 1), N * LAYERS  # with 2 factors 94 weights; a network has 93

Loss = Callable[[Any], Any]
"""Takes the values of actions, shape (rows, 2); returns the derivatives of a loss by them."""
Step = Callable[[Any, Any], Any]
"""Takes states and whether pushes are to the right; returns the states after that."""


class Agent(Protocol):
    """A model of the values of actions."""

    rates: Any
    """The learning rate of each weight."""

    def start(self, rng: np.random.Generator) -> Any:
        """Draw the first weights of an agent."""

    def values(self, weights: Any, states: Any) -> Any:
        """Give the values of both actions, shape (rows, 2)."""

    def gradient(self, weights: Any, states: Any, loss: Loss) -> Any:
        """Give the gradient of a loss by the weights of one agent."""


class Circuits:
    """Expectation values in [low, 1], each action's times a factor that is trained too.

    Rotations, a ring of CZ and the state, scaled by weights, five times over (Jerbi et al. 2021).
    `rates` are of the angles, of the scales, of the factors; states are divided by `bounds`.
    """

    def __init__(
        self,
        observables: list[str],
        low: float,
        factors: tuple[float, float],
        rates: tuple[float, float, float],
        *,
        bounds: Any = 1.0,
        squash: bool = False,
    ) -> None:
        self.low, self.factors, self.bounds = low, factors, bounds
        self.rates = np.repeat(rates, (N_ANGLES, N_SCALES, 2))
        x, w = kg.ParameterVector("x", N), kg.ParameterVector("w", N_ANGLES)
        scale = kg.ParameterVector("scale", N_SCALES)
        circuit = kg.Circuit(N)
        for layer in range(LAYERS + 1):
            for q in range(N):
                a, b, c = w[3 * (N * layer + q) : 3 * (N * layer + q + 1)]
                circuit.rx(a, q).ry(b, q).rz(c, q)
            if layer < LAYERS:
                circuit.cz(range(N), [*range(1, N), 0])
                angles = [scale[N * layer + q] * x[q] for q in range(N)]
                circuit.rx([kg.tanh(a) if squash else a for a in angles], range(N))
        self.program = kg.compile(circuit, observables, inputs=x, weights=[w, scale])

    def start(self, rng: np.random.Generator) -> Any:
        """Draw angles from 0 to pi; states are not scaled yet."""
        return np.concatenate([rng.uniform(0, np.pi, N_ANGLES), np.ones(N_SCALES), self.factors])

    def values(self, weights: Any, states: Any) -> Any:
        """Give the values of both actions, shape (rows, 2)."""
        expvals = self.program.expval(inputs=states / self.bounds, weights=weights[..., :-2])
        return self._brought(expvals) * weights[..., -2:]

    def gradient(self, weights: Any, states: Any, loss: Loss) -> Any:
        """Give the gradient of a loss by the weights of one agent."""
        by_factors = np.zeros(2)

        def of_circuit(expvals: Any) -> tuple[float, Any]:
            brought = self._brought(expvals)
            by_values = loss(brought * weights[-2:])
            by_factors[:] = (by_values * brought).sum(axis=0)
            back = by_values * weights[-2:] * (1 - self.low) / 2
            return 0.0, back if back.shape == expvals.shape else back.sum(axis=1, keepdims=True)

        _, _, by_weights = self.program.value_and_vjp(
            of_circuit, inputs=states / self.bounds, weights=weights[:-2]
        )
        return np.append(by_weights, by_factors)

    def _brought(self, expvals: Any) -> Any:
        return self.low + (1 - self.low) * (1 + expvals) / 2


class Networks:
    """A hidden layer of tanh, as the classical twin; `rates` are of both layers."""

    sizes = HIDDEN * (N + 1), 2 * (HIDDEN + 1)

    def __init__(self, rates: tuple[float, float]) -> None:
        self.rates = np.repeat(rates, self.sizes)

    def start(self, rng: np.random.Generator) -> Any:
        """Draw weights as PyTorch does."""
        spans = np.repeat([N**-0.5, HIDDEN**-0.5], self.sizes)
        return rng.uniform(-spans, spans)

    def values(self, weights: Any, states: Any) -> Any:
        """Give the values of both actions, shape (rows, 2)."""
        _, _, second, offsets = self._parts(weights)
        return np.einsum("...oh,...h->...o", second, self._hidden(weights, states)) + offsets

    def gradient(self, weights: Any, states: Any, loss: Loss) -> Any:
        """Give the gradient of a loss by the weights of one agent."""
        hidden, (_, _, second, offsets) = self._hidden(weights, states), self._parts(weights)
        by_values = loss(hidden @ second.T + offsets)
        back = (by_values @ second) * (1 - hidden**2)
        first = back.T @ (states / poles.BOUNDS), back.sum(axis=0)
        last = by_values.T @ hidden, by_values.sum(axis=0)
        return np.concatenate([part.ravel() for part in (*first, *last)])

    def _hidden(self, weights: Any, states: Any) -> Any:
        first, offsets, _, _ = self._parts(weights)
        return np.tanh(np.einsum("...hi,...i->...h", first, states / poles.BOUNDS) + offsets)

    def _parts(self, weights: Any) -> tuple[Any, Any, Any, Any]:
        ends = np.cumsum([HIDDEN * N, HIDDEN, 2 * HIDDEN])
        first, offsets, second, last = np.split(weights, ends, axis=-1)
        rows = weights.shape[:-1]
        return first.reshape(*rows, HIDDEN, N), offsets, second.reshape(*rows, 2, HIDDEN), last


def optimizers(agent: Agent, n: int) -> list[kg.Optimizer]:
    """Make an Adam with AMSGrad for each of n agents."""
    options = {"learning_rate": 1.0, "amsgrad": True, "rates": agent.rates}
    return [kg.Optimizer("adam", **options) for _ in range(n)]


def returns(agent: Agent, weights: Any, step: Step, starts: Any) -> Any:
    """Give the return of each agent, a row of weights, from each start: shape (agents, starts)."""
    states, alive = np.tile(starts, (len(weights), 1)), np.arange(len(weights) * len(starts))
    lengths = np.zeros(len(states))
    for _ in range(poles.STEPS):
        values = agent.values(weights[alive // len(starts)], states[alive])
        states[alive] = step(states[alive], values[:, 1] > values[:, 0])
        lengths[alive] += 1
        alive = alive[~poles.fallen(states[alive])]
        if not len(alive):
            break
    return lengths.reshape(len(weights), -1)
