"""Which weights of a circuit few data allow: their posterior, by Hamiltonian Monte Carlo.

A ball rolls over the landscape of the log posterior, by exact gradients, and where it stops is a
sample (Neal 2011). Chains are rows of one batch. What many likely circuits say on average is surer
where they agree; the one that is likeliest does not know where they would not.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import expit, log_expit
from sklearn.datasets import make_moons

import ketgrad as kg
from ketgrad.gallery.chains import Target, laplace, likeliest, r_hat, sample
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

TRAIN, TEST, LAYERS, HIDDEN = 40, 400, 3, 5
SCALE = 5.0  # the prior's deviation of the factor before <Z>
CHAINS, WARM_UP, DRAWS, LEAPS = 8, 200, 250, 12
QUICK_WARM_UP, QUICK_DRAWS = 60, 60

MIXED, ERROR = "chains agree: R-hat of log odds", "calibration error"
TRAINED = "log-likelihood gained over trained weights"
MODE, LAPLACE = "log-likelihood gained over the mode", "log-likelihood gained over Laplace"

# Log odds of shape (chains, samples), and how derivatives by them go back to the parameters.
Model = Callable[[Any, Any], tuple[Any, Callable[[Any], Any]]]


def circuit_model() -> tuple[Model, int]:
    """Make the log odds of a re-uploading circuit: SCALE a <Z> + b, all priors normal."""
    layers = kg.ansatz_layers("strongly_entangling", 2, n_layers=LAYERS)
    program = kg.compile(kg.reupload(kg.angle_map(2), layers), "IZ", inputs="x")

    def model(z: Any, X: Any) -> tuple[Any, Callable[[Any], Any]]:
        shape = len(z), len(X)
        inputs, weights = np.tile(X, (len(z), 1)), np.repeat(z[:, :-2], len(X), axis=0)
        values = program.expval(inputs, weights).reshape(shape)

        def pull(slope: Any) -> Any:
            cotangent = (SCALE * z[:, -2:-1] * slope).reshape(-1, 1)
            back = program.vjp(cotangent, inputs, weights)[1].reshape(*shape, -1).sum(axis=1)
            return np.column_stack([back, SCALE * (slope * values).sum(axis=1), slope.sum(axis=1)])

        return SCALE * z[:, -2:-1] * values + z[:, -1:], pull

    return model, len(program.weights) + 2


def network_model() -> tuple[Model, int]:
    """Make the log odds of a network of one hidden layer, of about as many parameters."""

    def model(z: Any, X: Any) -> tuple[Any, Callable[[Any], Any]]:
        first, second = z[:, : 3 * HIDDEN].reshape(-1, 3, HIDDEN), z[:, 3 * HIDDEN :]
        inputs = np.column_stack([X, np.ones(len(X))])
        h = np.tanh(SCALE / 2 * inputs @ first)

        def pull(slope: Any) -> Any:
            inner = slope[..., None] * (1 - h**2) * second[:, None, :-1] * SCALE * SCALE / 2
            by_first = inputs.T @ inner
            by_second = SCALE * (slope[:, None] @ h)[:, 0]
            return np.hstack([by_first.reshape(len(z), -1), by_second, slope.sum(1, keepdims=True)])

        return SCALE * (h @ second[:, :-1, None])[..., 0] + second[:, -1:], pull

    return model, 4 * HIDDEN + 1


def posterior(model: Model, X: Any, y: Any, prior: float = 1.0) -> Target:
    """Make its logarithm, up to a constant, with its gradient, for every chain."""
    sign = 2 * y - 1

    def target(z: Any) -> tuple[Any, Any]:
        odds, pull = model(z, X)
        value = log_expit(sign * odds).sum(axis=1) - prior * (z**2).sum(axis=1) / 2
        return value, pull(sign * expit(-sign * odds)) - prior * z

    return target


def scores(chance: Any, y: Any) -> tuple[float, float]:
    """Give the negative log-likelihood and the calibration error in ten bins."""
    loss = -np.log(np.maximum(np.where(y == 1, chance, 1 - chance), 1e-6)).mean()
    bins = np.minimum((10 * chance).astype(int), 9)
    return float(loss), float(np.abs(np.bincount(bins, chance - y)).sum() / len(y))


def learn(
    model: Model, size: int, data: Any, seed: int, quick: bool
) -> tuple[dict[str, float], Any]:
    """Sample the posterior, and compare it with what is cheaper."""
    X, y, X_test, y_test = data
    rng, target = np.random.default_rng(seed), posterior(model, X, y)
    starts = rng.normal(size=(CHAINS, size))
    warm_up, draws = (QUICK_WARM_UP, QUICK_DRAWS) if quick else (WARM_UP, DRAWS)
    chains = sample(target, starts, warm_up, draws, LEAPS, rng)
    mode = likeliest(target, starts[:2] if quick else starts)
    # Who trains a circuit has no prior, but begins at random and ends where the loss is lowest.
    trained = likeliest(posterior(model, X, y, prior=1e-6), starts[:2])
    odds = np.array([model(z, X_test)[0] for z in chains])
    loss, error = scores(expit(odds).mean(axis=(0, 1)), y_test)
    others = (trained[None], mode[None], laplace(target, mode, 400, rng))
    losses = [scores(expit(model(z, X_test)[0]).mean(axis=0), y_test)[0] for z in others]
    figures = {MIXED: r_hat(odds), ERROR: error}
    gains = dict(zip((TRAINED, MODE, LAPLACE), (float(one - loss) for one in losses), strict=True))
    return figures | gains, (chains, mode)


def run(seed: int, quick: bool) -> Trial:
    """Tell two moons apart from few samples, by a circuit and by a network."""
    X, y = make_moons(TRAIN + TEST, noise=0.3, random_state=seed)
    X = (X - X[:TRAIN].mean(axis=0)) / X[:TRAIN].std(axis=0)
    data = X[:TRAIN], y[:TRAIN], X[TRAIN:], y[TRAIN:]
    model, size = circuit_model()
    figures, (chains, mode) = learn(model, size, data, seed, quick)
    line = np.column_stack([np.zeros(61), np.linspace(-5, 5, 61)])  # and far out, where no data are
    picture = {
        "likely": expit([model(z, line)[0] for z in chains[::10, 0][:, None]])[:, 0],
        "mode": expit(model(mode[None], line)[0][0]),
        "mean": expit(np.array([model(z, line)[0] for z in chains[::5]])).mean(axis=(0, 1)),
    }
    return Trial(figures, learn(*network_model(), data, seed, quick)[0], picture)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show what some likely circuits say along a line, their average and the mode."""
    picture, x = trials[0].picture, np.linspace(-5, 5, 61)
    ax.axvspan(-2, 2, color=COLORS[5], alpha=0.12, lw=0, label="where data are")
    for k, one in enumerate(picture["likely"][:20]):
        label = "likely circuits" if k == 0 else None
        ax.plot(x, one, color=COLORS[0], lw=0.5, alpha=0.5, label=label)
    ax.plot(x, picture["mean"], color=COLORS[0], lw=2.5, label="their average, of all")
    ax.plot(x, picture["mode"], color=COLORS[1], lw=2, ls="--", label="the likeliest")
    ax.set(xlabel="second feature, the first at 0", ylabel="probability of a class", ylim=(0, 1.45))
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.legend(frameon=False, ncols=2, fontsize=8, loc="upper center")


EXPERIMENT = Experiment(
    paper="Neal 2011, MCMC using Hamiltonian dynamics, arXiv:1206.1901",
    setup=f"Two moons, {TRAIN} samples and {TEST} to test; 2 qubits, {LAYERS} layers of angles and "
    f"weights, log odds {SCALE:g} a ⟨Z⟩ + b; priors normal. {CHAINS} chains of {WARM_UP} + {DRAWS} "
    f"draws of {LEAPS} steps, the step adapted to 80 % of acceptance. Criteria of ours: "
    "R-hat below 1.1, calibrated within .1 (its average is too unsure: with 30 samples the error "
    "was .17), and per test sample no log-likelihood lost to weights that are trained without a "
    "prior, to the mode of the posterior, and to a normal distribution there.",
    classical=f"a network of {HIDDEN} hidden units, {4 * HIDDEN + 1} parameters, by the same "
    "sampler",
    claims=(
        Claim(MIXED, None, (0.99, 1.1), quick=(0.99, 1.5)),
        Claim(ERROR, None, (0.0, 0.1), quick=(0.0, 0.2)),
        Claim(TRAINED, None, (0.0, None)),
        Claim(MODE, None, (0.0, None), quick=(-0.2, None)),
        Claim(LAPLACE, None, (0.0, None), quick=(-0.2, None)),
    ),
    budget=120,
    run=run,
    draw=draw,
)
