"""A quantum generative adversarial network loads a distribution into the amplitudes of a circuit.

The outcomes of the generator are to look like data to a discriminator, a small network that learns
to tell them apart. It sees all outcomes at once, by their probabilities: gradients are exact.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS
from ketgrad.layers import Activation, Chain, CircuitLayer, Dense

START = (3.0, 1.0, 0.6, 1.6)  # theirs, of 2 qubits
SHORT = 50  # steps: 10 epochs of 5 batches
STEPS, QUICK_STEPS = 3000, 600
SHORT_RUN = "2 qubits, 10 epochs: relative entropy"
LONG_RUN, WIDE_RUN = "2 qubits, trained: relative entropy", "3 qubits, trained: relative entropy"


def frequencies(n: int, count: int, rng: np.random.Generator) -> Any:
    """Give the shares of 0 to 2**n - 1 among rounded log-normal numbers; others are dropped."""
    data = np.round(rng.lognormal(1.0, 1.0, count)).astype(int)
    counts = np.bincount(data[data < 2**n], minlength=2**n)
    return counts / counts.sum()


def relative_entropy(p: Any, q: Any) -> float:
    """Compute sum p log(p / q), q without zeros."""
    return max(0.0, float(np.sum(p * np.log(np.maximum(p, 1e-300) / q))))


def born(n: int, start: Any) -> kg.Model:
    """Make the generator: RY on all qubits, CZ between neighbours, RY, from equal amplitudes."""
    angles = kg.ParameterVector("w", 2 * n)
    circuit = kg.Circuit(n).h(range(n)).ry(list(angles)[:n], range(n))
    for k in range(n - 1):
        circuit.cz(k, k + 1)
    model = kg.Model(CircuitLayer(kg.compile(circuit.ry(list(angles)[n:], range(n))), of="probs"))
    model.parameters = start
    return model


def softmax(n: int) -> kg.Model:
    """Make the classical generator: logits of the outcomes, 0 at first, behind a constant."""
    constant = CircuitLayer(kg.compile(kg.Circuit(1)), of="probs")  # 1 and 0
    logits = Dense(2, 2**n, bias=False)
    model = kg.Model(Chain([constant, logits, Activation("softmax", 2**n)]))
    model.parameters = np.zeros(model.n_parameters)
    return model


def adversary(seed: int) -> kg.Model:
    """Make the discriminator, of the size of theirs."""
    layers = [Dense(1, 50), Activation("relu", 50), Dense(50, 20), Activation("relu", 20)]
    model = kg.Model(Chain([*layers, Dense(20, 1)]))
    model.initialize(seed=seed)
    return model


def train(model: kg.Model, data: Any, seed: int, steps: int, rate: float, turns: int) -> Any:
    """Train a generator against an adversary; returns the probabilities of its outcomes."""
    trained, _, _ = kg.losses.train_adversarial(
        model,
        adversary(seed),
        data,
        outcomes=np.linspace(-1, 1, len(data))[:, None],
        steps=steps,
        discriminator_steps=turns,
        optimizer=kg.Optimizer("adam", rate, betas=(0.7, 0.99), amsgrad=True, epsilon=1e-6),
        seed=seed,
    )
    return trained.outputs(np.zeros((1, 0)))[0]


def run(seed: int, quick: bool) -> Trial:
    """Train in the way of the library for 10 epochs, then for long, from close to equal shares."""
    rng, steps = np.random.default_rng(seed), QUICK_STEPS if quick else STEPS
    two, three = frequencies(2, 1000, rng), frequencies(3, 20_000, rng)
    short = train(born(2, START), two, seed, SHORT, 1e-3, 1)
    figures, classical = {SHORT_RUN: relative_entropy(short, two)}, {}
    for name, data, n in ((LONG_RUN, two, 2), (WIDE_RUN, three, 3)):
        made = train(born(n, rng.uniform(-0.1, 0.1, 2 * n)), data, seed, steps, 0.01, 3)
        figures[name] = relative_entropy(made, data)
        classical[name] = relative_entropy(train(softmax(n), data, seed, steps, 0.01, 3), data)
    return Trial(figures, classical, {"data": three, "made": made})


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the distribution on 3 qubits, and what the circuits make of it."""
    data, made = (np.array([t.picture[key] for t in trials]) for key in ("data", "made"))
    values = np.arange(data.shape[1])
    ax.bar(values, data.mean(axis=0), color=COLORS[5], alpha=0.4, label="log-normal data")
    look = {"fmt": "o", "color": COLORS[0], "capsize": 3, "label": "circuit of 3 qubits"}
    ax.errorbar(values, made.mean(axis=0), made.std(axis=0), **look)
    ax.set(xlabel="outcome", ylabel="probability")
    ax.legend(frameon=False)


EXPERIMENT = Experiment(
    paper="Zoufal, Lucchi & Woerner 2019, Quantum generative adversarial networks for learning and "
    "loading random distributions, arXiv:1904.00043",
    setup="Log-normal (1, 1) numbers, rounded, 1000 on 2 qubits and 20000 on 3, as many kept as "
    "fit; RY, CZ, RY behind equal amplitudes, 2 weights a qubit; an adversary of 50 and 20 units. "
    "The published figure is that of 10 epochs from given angles in Qiskit's tutorial, one draw of "
    "data: the range is what draws differ by. Gradients are exact here, theirs of batches of 100. "
    f"That {STEPS} steps at a rate of .01 come within .01 on 2 qubits was set before the first "
    "run, within .05 on 3, where so few gates cannot be exact, after a trial.",
    classical="a softmax of as many logits as outcomes in the circuit's place, which can be any "
    "distribution",
    claims=(
        Claim(SHORT_RUN, 0.0727, (0.04, 0.11)),
        Claim(LONG_RUN, None, (0.0, 0.01)),
        Claim(WIDE_RUN, None, (0.0, 0.05)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
