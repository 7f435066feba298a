"""Differential equations solved by derivatives of a circuit with respect to its input.

A circuit is a function u(x); so is its derivative, by two circuits for each angle that x enters,
turned by a quarter either way. Weights are trained until u and u' fulfil the equation on a grid:
all circuits of all points are one batch, and its gradient one backward sweep.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

N, LAYERS = 6, 5
POINTS, LAST = 60, 0.9
STEPS, QUICK_STEPS = 1000, 400
DECAY, PULSE = 0.1, 8.0
LINEAR, NONLINEAR = "damped oscillation: error", "non-linear equation: error"

X = np.append(0, LAST * (1 - np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)) / 2)
FINE = np.linspace(0, LAST, 200)
TIMES = 2 * np.arange(1, N + 1)  # of arccos x, the angle of each qubit: a Chebyshev tower

# The slope of u at x, and the derivative of that slope by u.
Slope = Callable[[Any, Any], tuple[Any, Any]]


def oscillation(x: Any, u: Any) -> tuple[Any, Any]:
    """Give u' = -p u (d + tan(p x)), solved by exp(-d p x) cos(p x)."""
    rate = -PULSE * (DECAY + np.tan(PULSE * x))
    return rate * u, rate


def driven(x: Any, u: Any) -> tuple[Any, Any]:
    """Give u' = 4 u - 6 u² + sin(50 x) - u cos(25 x) + 1 / 2, which no formula solves."""
    wave = np.cos(25 * x)
    return 4 * u - 6 * u**2 + np.sin(50 * x) - u * wave + 0.5, 4 - 12 * u - wave


def circuit() -> kg.Program:
    """Make the circuit: an angle a qubit, rotations and CNOTs in a ring, the sum of all Z."""
    angles = kg.ParameterVector("x", N)
    circuit = kg.Circuit(N).ry([angles[k] for k in range(N)], range(N))
    total = kg.PauliSum.from_sparse([("Z", [k], 1.0) for k in range(N)], N)
    return kg.compile(circuit.compose(kg.hardware_efficient(N, LAYERS)), total, inputs=angles)


def solve(slope: Slope, start: float, steps: int, rng: np.random.Generator) -> Any:
    """Train u = start + f(x) - f(0), and give it on the fine grid."""
    program = circuit()
    angles, by_x = TIMES * np.arccos(X)[:, None], -TIMES / np.sqrt(1 - X**2)[:, None]
    turns = np.pi / 2 * np.vstack([np.zeros(N), np.eye(N), -np.eye(N)])
    rows = (angles[:, None] + turns).reshape(-1, N)

    def loss(values: Any) -> tuple[float, Any]:
        table = values.reshape(len(X), 2 * N + 1)  # f, then f of all angles turned either way
        u = start + table[:, 0] - table[0, 0]
        wanted, by_u = slope(X, u)
        misses = ((table[:, 1 : N + 1] - table[:, N + 1 :]) / 2 * by_x).sum(axis=1) - wanted
        pull = 2 * misses[:, None] / len(X)
        gradient = np.hstack([-pull * by_u[:, None], pull * by_x / 2, -pull * by_x / 2])
        gradient[0, 0] -= gradient[:, 0].sum()  # f(0) is in every u
        return float(np.mean(misses**2)), gradient.reshape(-1, 1)

    def objective(weights: Any) -> tuple[float, Any]:
        value, _, gradient = program.value_and_vjp(loss, inputs=rows, weights=weights)
        return float(value), gradient

    first = rng.uniform(-np.pi, np.pi, len(program.weights))
    options = {"maxiter": steps, "maxfun": 2 * steps}
    found = minimize(objective, first, jac=True, method="L-BFGS-B", options=options)
    f = program.expval(inputs=TIMES * np.arccos(FINE)[:, None], weights=found.x)[:, 0]
    return start + f - f[0]


def integrate(slope: Slope, start: float, **options: Any) -> Any:
    """Solve by SciPy's Runge-Kutta method."""
    found = solve_ivp(lambda x, u: slope(x, u)[0], (0, LAST), [start], t_eval=FINE, **options)
    return found.y[0]


def error(u: Any, exact: Any) -> float:
    """Give the root mean square."""
    return float(np.sqrt(np.mean((u - exact) ** 2)))


def run(seed: int, quick: bool) -> Trial:
    """Solve both equations from random weights."""
    rng, steps = np.random.default_rng(seed), QUICK_STEPS if quick else STEPS
    figures, classical, pictures = {}, {}, []
    decay = np.exp(-DECAY * PULSE * FINE) * np.cos(PULSE * FINE)
    precise = integrate(driven, 0.75, rtol=1e-10, atol=1e-12)
    for name, slope, exact in ((LINEAR, oscillation, decay), (NONLINEAR, driven, precise)):
        ours = solve(slope, float(exact[0]), steps, rng)
        figures[name] = error(ours, exact)
        classical[name] = error(integrate(slope, float(exact[0])), exact)
        pictures.append((exact, ours))
    return Trial(figures, classical, np.array(pictures))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the solutions of all seeds on those that are right."""
    solutions = np.array([trial.picture for trial in trials])
    for k, name in enumerate(("oscillation", "non-linear")):
        color = COLORS[k]
        ax.plot(FINE, solutions[0, k, 0], color=color, lw=5, alpha=0.3, label=f"{name}: right")
        for j, ours in enumerate(solutions[:, k, 1]):
            ax.plot(FINE, ours, color=color, lw=1, label="circuit" if j == 0 else None)
    ax.set(xlabel="x", ylabel="u(x)", ylim=(-0.9, 1.7))
    ax.legend(frameon=False, loc="upper center", ncols=2)


EXPERIMENT = Experiment(
    paper="Kyriienko, Paine & Elfving 2021, Solving nonlinear differential equations with "
    "differentiable quantum circuits, arXiv:2011.10395",
    setup=f"u' = -8 u (0.1 + tan 8x), u(0) = 1, and u' = 4u - 6u² + sin 50x - u cos 25x + 1/2, "
    f"u(0) = 0.75, up to x = {LAST}: {N} qubits turned by multiples of arccos x, {LAYERS} layers, "
    f"at most {STEPS} steps of L-BFGS on the mean square of what the equation misses at {POINTS} "
    "points. The error is the root mean square from the solution, or from SciPy's to 10 digits; "
    "that it is below 0.01 is a criterion of ours, set after pilots of other seeds. With 20 "
    "points, series of degree 21 are right there and wrong between (error 0.3); 250 steps of Adam "
    "end at 0.4.",
    classical="SciPy's solve_ivp as it comes, a tolerance of 0.001",
    claims=(
        Claim(LINEAR, None, (0.0, 0.01), quick=(0.0, 0.1)),
        Claim(NONLINEAR, None, (0.0, 0.01), quick=(0.0, 0.1)),
    ),
    budget=120,
    run=run,
    draw=draw,
)
