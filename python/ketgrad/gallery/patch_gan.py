"""Images by adversarial training: four small circuits each paint a quarter.

All see the same noise as angles, and the four expectation values of each are its patch's pixels. A
small network learns to tell digits from what was painted, and the circuits learn to deceive it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense, Patches, ScaleShift

DIGIT, NOISE, LAYERS, HIDDEN = 0, 4, 4, 11
STEPS, QUICK_STEPS, BATCH, RATE = 1500, 500, 32, 0.005
DISTANCE, SPREAD = "Fréchet distance, share of noise's", "variance of pixels, share of the data's"

# Where the pixels of a patch are: rows 0 and 1, columns 0 and 1, and so on.
PLACES = np.arange(16).reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)


def digits() -> Any:
    """Give all images of a digit, (n, 16) from -1 to 1, pixels ordered by patches."""
    X, y = load_digits(return_X_y=True)
    small = X[y == DIGIT].reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    return small[:, PLACES.ravel()] / 8 - 1


def painter(seed: int) -> kg.Model:
    """Make the circuits, each with its own weights, and a factor and an offset for each pixel."""
    layers = kg.ansatz_layers("strongly_entangling", NOISE, n_layers=LAYERS)
    circuit = kg.reupload(kg.angle_map(NOISE), layers)
    program = kg.compile(circuit, [f"Z{k}" for k in range(NOISE)], inputs="x")
    patches = Patches(CircuitLayer(program), NOISE, [list(range(NOISE))] * 4, shared=False)
    return initialized(Chain([patches, ScaleShift(16)]), seed)


def classical_painter(seed: int) -> kg.Model:
    """Make a network of about as many parameters."""
    hidden = [Dense(NOISE, HIDDEN), Activation("tanh", HIDDEN)]
    return initialized(Chain([*hidden, Dense(HIDDEN, 16), Activation("tanh", 16)]), seed)


def initialized(layer: Any, seed: int) -> kg.Model:
    """Make a model with random parameters."""
    model = kg.Model(layer)
    model.initialize(seed=seed)
    return model


def train(model: kg.Model, data: Any, seed: int, steps: int) -> Any:
    """Train against an adversary; returns 500 images."""
    critic = initialized(Chain([Dense(16, 32), Activation("relu", 32), Dense(32, 1)]), seed)
    trained, _, _ = kg.losses.train_adversarial(
        model,
        critic,
        data,
        steps=steps,
        batch_size=BATCH,
        discriminator_steps=1,
        optimizer=kg.Optimizer("adam", RATE, betas=(0.5, 0.99)),
        seed=seed,
    )
    return trained.outputs(np.random.default_rng(seed).uniform(-np.pi, np.pi, (500, NOISE)))


def frechet(a: Any, b: Any) -> float:
    """Compute the squared distance of normal distributions with the means and covariances."""
    p, q = np.cov(a.T), np.cov(b.T)
    both = np.sqrt(np.maximum(np.linalg.eigvals(p @ q).real, 0)).sum()
    return float(np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2) + np.trace(p + q) - 2 * both)


def run(seed: int, quick: bool) -> Trial:
    """Learn to paint digits, by circuits and by a network."""
    data, steps = digits(), QUICK_STEPS if quick else STEPS
    noise = np.random.default_rng(seed).uniform(-1, 1, (500, 16))

    def figures(images: Any) -> dict[str, float]:
        distance = frechet(images, data) / frechet(noise, data)
        return {
            DISTANCE: distance,
            SPREAD: float(images.var(axis=0).sum() / data.var(axis=0).sum()),
        }

    made = train(painter(seed), data, seed, steps)
    other = train(classical_painter(seed), data, seed, steps)
    picture = [some[:8] for some in (data, made, other)]
    return Trial(figures(made), figures(other), np.array(picture))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show digits above those that were painted."""
    page = np.full((17, 8 * 5 + 3), np.nan)
    for row, images in enumerate(trials[0].picture):
        for column, image in enumerate(images):
            pixels = np.empty(16)
            pixels[PLACES.ravel()] = image
            page[6 * row : 6 * row + 4, 5 * column : 5 * column + 4] = pixels.reshape(4, 4)
    ax.imshow(page[:16, :39], cmap="gray_r", vmin=-1, vmax=1, aspect="auto", zorder=3)
    ax.set_yticks([1.5, 7.5, 13.5], ["data", "circuits", "network"])
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


EXPERIMENT = Experiment(
    paper="Huang et al. 2021, Experimental quantum generative adversarial networks for image "
    "generation, arXiv:2010.06201",
    setup=f"Digit {DIGIT} of scikit-learn at 4 × 4 pixels; four circuits of {NOISE} qubits, "
    f"{LAYERS} layers of noise and weights, {STEPS} steps of Adam in turn with an adversary of 32 "
    "units. Theirs are 8 × 8 pixels, with a figure for their machine alone. Distances are of means "
    "and covariances of pixels; criteria, set after a trial of three rates: .05 of the distance of "
    "noise, and at least .3 of the variance, so that not all images are the same.",
    classical=f"a network of {HIDDEN} hidden units, {NOISE * HIDDEN + HIDDEN + 16 * HIDDEN + 16} "
    "numbers, in the circuits' place, which have 224",
    claims=(
        Claim(DISTANCE, None, (0.0, 0.05), quick=(0.0, 0.15)),
        Claim(SPREAD, None, (0.3, 1.5), quick=(0.02, 3.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
