"""Simulator first: four algorithms of textbooks, by their exact probabilities.

Each seed draws another function, secret, marked item and base. A simulator that is right gives the
probabilities of theory to the last digits; shots would only blur them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Experiment, Trial, exactly
from ketgrad.gallery.pictures import COLORS

BITS = 6  # of Deutsch and Jozsa's function and of Bernstein and Vazirani's secret
QUBITS, ROUNDS = 5, 4  # of Grover's search
MODULUS, DIGITS = 15, 6  # of Shor's algorithm: digits of the phase
BASES = (2, 4, 7, 8, 11, 13)  # 14 = -1 has an order that tells no factor

DEUTSCH, BERNSTEIN = "Deutsch–Jozsa is right", "Bernstein–Vazirani finds the secret"
GROVER, SHOR = "Grover finds 1 of 32 in 4 rounds", "a run of Shor's factors 15"


def outcomes(circuit: kg.Circuit) -> Any:
    """Give the exact probabilities of what a circuit would measure at its end."""
    program = kg.compile(circuit.without_final_measurements())
    return program.probs(qubits=range(circuit.n_bits or circuit.n_qubits))


def deutsch_jozsa(rng: np.random.Generator) -> float:
    """Tell a balanced function from a constant one: bits of 0 alone mean constant."""
    balanced = rng.permutation(np.repeat([0, 1], 2 ** (BITS - 1)))
    constant = np.full(2**BITS, rng.integers(2))
    zeros = [
        outcomes(kg.library.deutsch_jozsa(kg.library.function_oracle(table)))[0]
        for table in (balanced, constant)
    ]
    return float((1 - zeros[0] + zeros[1]) / 2)


def bernstein_vazirani(rng: np.random.Generator) -> float:
    """Read all bits of a secret by one call."""
    secret = f"{rng.integers(2**BITS):0{BITS}b}"
    return float(outcomes(kg.library.bernstein_vazirani(secret))[int(secret, 2)])


def grover(rng: np.random.Generator) -> Any:
    """Give the probability of the marked item after each number of rounds."""
    marked = int(rng.integers(2**QUBITS))
    oracle = kg.library.phase_oracle([marked], QUBITS)
    searches = [kg.library.grover(oracle, rounds) for rounds in range(2 * ROUNDS + 1)]
    return np.array([outcomes(search)[marked] for search in searches])


def shor(rng: np.random.Generator) -> float:
    """Sum the probabilities of the outcomes whose order tells the factors 3 and 5.

    Phase estimation of x -> base * x mod 15, from the state |1>.
    """
    base = int(rng.choice(BASES))
    images = [base * x % MODULUS for x in range(MODULUS)] + [MODULUS]
    estimation = kg.library.phase_estimation(kg.library.permutation(images), DIGITS)
    program = kg.compile(kg.Circuit(estimation.n_qubits).x(0).compose(estimation))
    found = 0.0
    for outcome, probability in enumerate(program.probs(qubits=range(4, 4 + DIGITS))):
        order = kg.library.order_from_outcome(outcome, DIGITS, base, MODULUS)
        if order and np.gcd(base ** (order // 2) - 1, MODULUS) in (3, 5):
            found += probability
    return float(found)


def run(seed: int, quick: bool) -> Trial:  # noqa: ARG001 - it takes no time
    """Run all four on what a seed draws."""
    rng = np.random.default_rng(seed)
    search = grover(rng)
    figures = {
        DEUTSCH: deutsch_jozsa(rng),
        BERNSTEIN: bernstein_vazirani(rng),
        GROVER: float(search[ROUNDS]),
        SHOR: shor(rng),
    }
    # A call tells one value, a bit of the secret; after 4 of 32 items one of the others is guessed.
    classical = {DEUTSCH: 0.5, BERNSTEIN: 2.0 ** (1 - BITS), GROVER: (ROUNDS + 1) / 2**QUBITS}
    return Trial(figures, classical, search)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show how Grover's search overshoots: the curve of theory, and what is computed."""
    angle = np.arcsin(2 ** (-QUBITS / 2))
    rounds = np.linspace(0, 2 * ROUNDS, 200)
    ax.plot(rounds, np.sin((2 * rounds + 1) * angle) ** 2, color=COLORS[0], label="sin²((2k+1)θ)")
    for k, trial in enumerate(trials):
        ax.plot(trial.picture, "o", color=COLORS[1], label="computed" if k == 0 else None)
    ax.plot(rounds, (rounds + 1) / 2**QUBITS, "--", color=COLORS[5], label="classical search")
    ax.set(xlabel="rounds, calls of the oracle", ylabel="probability of the marked item")
    ax.legend(frameon=False, loc="upper right")


EXPERIMENT = Experiment(
    paper="Deutsch & Jozsa 1992; Bernstein & Vazirani 1993; Grover 1996; Shor 1994",
    setup=f"Random functions and secrets of {BITS} bits, a random item of {2**QUBITS}, random "
    f"bases modulo {MODULUS} with {DIGITS} digits of the phase; exact probabilities.",
    classical="the chance of success with as many calls of the function; 15 itself is factored at "
    "once by trial division",
    claims=(
        exactly(DEUTSCH, 1.0),
        exactly(BERNSTEIN, 1.0),
        exactly(GROVER, float(np.sin((2 * ROUNDS + 1) * np.arcsin(2 ** (-QUBITS / 2))) ** 2)),
        exactly(SHOR, 0.5),
    ),
    budget=5,
    run=run,
    draw=draw,
)
