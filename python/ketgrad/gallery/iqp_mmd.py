"""A circuit that is trained without ever being run: train on classical, deploy on quantum.

The gates exp(i t X..X) commute, so that the expectation value of a string of Z is an average of
cosines over random bits, which any computer estimates. The maximum mean discrepancy is an average
of squared differences of such values, over strings drawn at random: so are its derivatives. What
samples the circuit gives is believed to be hard to tell; that takes the circuit, simulated here.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from scipy.linalg import hadamard
from sklearn.neural_network import BernoulliRBM

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

SIDE, TEMPERATURE, SAMPLES = 4, 3.0, 1000
N = SIDE**2
FLIPS = (0.125, 0.25)  # how likely a qubit is in the string: kernels exp(-d / (2 s)) of two widths
STEPS, QUICK_STEPS, RATE = 800, 200, 0.01
STRINGS, DRAWS = 200, 400  # of Z, and of the bits of their estimates, a step
HIDDEN, EPOCHS, QUICK_EPOCHS = 7, 1000, 100  # of the baseline
EXACT, LEFT = "estimates: errors, in standard errors", "MMD², as a share of that of equal chances"
ENERGY = "energy of samples, as a share of the true one"

GENERATORS = np.array(
    [[int(q in some) for q in range(N)] for k in (1, 2) for some in combinations(range(N), k)]
)
BITS = (np.arange(2**N)[:, None] >> np.arange(N)) & 1  # of every outcome, qubit 0 first


def energies() -> Any:
    """Give -sum s s' over the bonds of the periodic lattice, for every outcome."""
    s = (1 - 2 * BITS).reshape(-1, SIDE, SIDE)
    return -sum((s * np.roll(s, 1, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2))


def string_values(p: Any) -> Any:
    """Give the mean of every string of Z, by the bits of its number: a Walsh-Hadamard transform."""
    half = hadamard(2 ** (N // 2))
    return (half @ p.reshape(len(half), -1) @ half).ravel()


def mmd(p: Any, q: Any) -> float:
    """Compute the squared discrepancy, exactly."""
    squares = (string_values(p) - string_values(q)) ** 2
    weight = BITS.sum(axis=1)
    return float(np.mean([squares @ (f**weight * (1 - f) ** (N - weight)) for f in FLIPS]))


def estimate(angles: Any, strings: Any, z: Any) -> tuple[Any, Any]:
    """Give the cosines of shape (strings, draws), and the way back to the angles."""
    turned = strings @ GENERATORS.T % 2  # which gates do not commute with the string
    signs = 1 - 2 * (z @ GENERATORS.T % 2)
    phases = 2 * (turned * angles) @ signs.T

    def pull(slope: Any) -> Any:
        return np.sum(turned * ((-2 * slope * np.sin(phases)) @ signs), axis=0)

    return np.cos(phases), pull


def train(data: Any, steps: int, rng: np.random.Generator) -> Any:
    """Descend on unbiased estimates of the MMD: no circuit is run."""
    angles = np.where(GENERATORS.sum(axis=1) == 1, np.pi / 4, 0.0)  # equal chances
    angles = angles + 0.02 * rng.normal(size=len(angles))
    adam = kg.Optimizer("adam", RATE)
    for _ in range(steps):
        flip = rng.choice(FLIPS, size=(STRINGS, 1))
        strings = (rng.uniform(size=(STRINGS, N)) < flip).astype(float)
        wanted = np.mean(1 - 2 * (data @ strings.T % 2), axis=0)
        cosines, pull = estimate(angles, strings, rng.integers(2, size=(DRAWS, N)))
        # The product of two halves is not biased by what either errs.
        half = DRAWS // 2
        first, second = (
            part.mean(axis=1) - wanted for part in (cosines[:, :half], cosines[:, half:])
        )
        slope = np.repeat(np.stack([second, first], axis=1), half, axis=1) / (half * STRINGS)
        angles = adam.step(angles, pull(slope))
    return angles


def circuit(angles: Any) -> kg.Program:
    """Make the circuit that has been trained."""
    out = kg.Circuit(N)
    for generator, angle in zip(GENERATORS, angles, strict=True):
        qubits = np.flatnonzero(generator).tolist()
        getattr(out, "rx" if len(qubits) == 1 else "rxx")(2 * angle, *qubits)
    return kg.compile(out)


def boltzmann_machine(data: Any, seed: int, epochs: int) -> Any:
    """Give the probabilities of a restricted Boltzmann machine of about as many numbers."""
    machine = BernoulliRBM(
        HIDDEN, learning_rate=0.05, batch_size=50, n_iter=epochs, random_state=seed
    )
    machine.fit(data)
    logs = BITS @ machine.intercept_visible_
    logs = logs + np.logaddexp(0, BITS @ machine.components_.T + machine.intercept_hidden_).sum(1)
    p = np.exp(logs - logs.max())
    return p / p.sum()


def estimation_error(angles: Any, p: Any, rng: np.random.Generator) -> float:
    """Compare estimates of some strings with their values on the circuit, by standard errors."""
    strings = (rng.uniform(size=(STRINGS, N)) < FLIPS[1]).astype(float)
    cosines, _ = estimate(angles, strings, rng.integers(2, size=(1000, N)))
    exact = string_values(p)[(strings @ 2 ** np.arange(N)).astype(int)]
    varied = cosines.std(axis=1) > 1e-6
    errors = cosines.mean(axis=1) - exact
    ratios = errors[varied] / (cosines.std(axis=1)[varied] / np.sqrt(cosines.shape[1]))
    return float(np.sqrt(np.mean(ratios**2)))


def run(seed: int, quick: bool) -> Trial:
    """Learn a lattice of spins from samples, and look at what the circuit then gives."""
    rng, energy = np.random.default_rng(seed), energies()
    true = np.exp(-energy / TEMPERATURE)
    true /= true.sum()
    data = BITS[rng.choice(2**N, SAMPLES, p=true)]
    angles = train(data, QUICK_STEPS if quick else STEPS, rng)
    p = circuit(angles).probs()
    machine = boltzmann_machine(data, seed, QUICK_EPOCHS if quick else EPOCHS)
    blind = mmd(np.full(2**N, 2.0**-N), true)

    def figures(made: Any) -> dict[str, float]:
        return {LEFT: mmd(made, true) / blind, ENERGY: float(made @ energy / (true @ energy))}

    levels, place = np.unique(energy, return_inverse=True)
    picture = [np.bincount(place, made) for made in (true, p, machine)]
    exact = {EXACT: estimation_error(angles, p, rng)}
    return Trial(exact | figures(p), figures(machine), {"levels": levels, "shares": picture})


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show how energies are distributed."""
    levels = trials[0].picture["levels"]
    shares = np.array([trial.picture["shares"] for trial in trials])
    ax.bar(levels, shares[0, 0], width=3, color=COLORS[5], alpha=0.4, label="true")
    for k, name in ((1, "IQP circuit"), (2, "Boltzmann machine")):
        mean, deviation = shares[:, k].mean(axis=0), shares[:, k].std(axis=0)
        look = {"fmt": "o-", "ms": 4, "lw": 1, "capsize": 2, "color": COLORS[k - 1]}
        ax.errorbar(levels, mean, deviation, label=name, **look)
    ax.set(xlabel="energy of the spins", ylabel="probability")
    ax.legend(frameon=False)


EXPERIMENT = Experiment(
    paper="Recio-Armengol, Ahmed & Bowles 2025, Train on classical, deploy on quantum, "
    "arXiv:2503.02934",
    setup=f"{SAMPLES} samples of an Ising model of {SIDE} × {SIDE} spins, periodic, T = "
    f"{TEMPERATURE:g}; {N} qubits, a gate for every qubit and pair, {len(GENERATORS)} angles; "
    f"{STEPS} steps of Adam, each on {STRINGS} strings of Z by {DRAWS} random bits. Their models "
    "have up to a thousand qubits; here all probabilities can be looked at. Criteria of ours: "
    "estimates err as they should, the MMD from the truth falls to .05 of that of equal chances, "
    "energies are within .1. More steps, other rates and kernels leave energies at .84 to .9.",
    classical=f"a restricted Boltzmann machine of {HIDDEN} hidden units, {N * HIDDEN + N + HIDDEN} "
    f"numbers, {EPOCHS} epochs of persistent contrastive divergence",
    claims=(
        Claim(EXACT, 1.0, (0.5, 2.0)),
        Claim(LEFT, None, (0.0, 0.05), quick=(0.0, 0.2)),
        Claim(ENERGY, None, (0.9, 1.1), quick=(0.5, 1.1)),
    ),
    budget=180,
    run=run,
    draw=draw,
)
