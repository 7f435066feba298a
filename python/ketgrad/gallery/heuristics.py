"""Four heuristics and plain gradients at equal circuit runs, measured by exact optima.

Nature's ways to search need no derivatives, and evaluate a generation as one batch. A spin chain
shows what shots do to each of them, an integer programme what they do where there is no slope.
"""

from collections.abc import Callable, Sequence
from typing import Any

import cma  # noqa: F401 - of kg.cma_es; where it is missing, `load` names the extra
import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

N, LAYERS, SHOTS = 6, 2, 64
RUNS, QUICK_RUNS = 20_000, 4_000  # of circuits, each with all shots of all Pauli strings
STARTS = 3  # a seed
VARIABLES, VALUES, DEPTH = 6, 4, 4  # of the integer programme, and of its QAOA
EVALUATIONS, REPEATS = 512, 10  # of a genetic algorithm on the integers themselves

CMA = "CMA-ES: error of the energy, %"
WORSE = {
    "swarm": "particle swarm: its error / CMA-ES's",
    "genetic": "genetic algorithm: its error / CMA-ES's",
    "gradients": "gradients: their error / CMA-ES's",
}
GENETIC = f"integers, genetic: optimum in {EVALUATIONS} values"
QAOA = f"integers, QAOA by CMA-ES: optimum in {SHOTS} shots"
METHODS = ("CMA-ES", "evolution", "swarm", "genetic", "gradients")

CHAIN = kg.library.transverse_ising(N)
GROUND = CHAIN.eigenvalues()[0]
BITS = (np.arange(VALUES**VARIABLES)[:, None] >> np.arange(2 * VARIABLES)) & 1
INTEGERS = BITS @ np.kron(np.eye(VARIABLES), [[1], [2]])  # of every bit string


def losses(program: kg.Program, shots: int | None, rng: Any) -> Callable[[Any], Any]:
    """Make the function of a generation: energies, from other shots every time."""

    def energies(W: Any) -> Any:
        seed = int(rng.integers(2**32)) if shots else None
        return program.expval(weights=W, shots=shots, seed=seed)[:, 0]

    return energies


def search(method: str, program: kg.Program, runs: int, shots: int | None, seed: int) -> float:
    """Minimise from a random start; give the exact relative error of what was found."""
    rng = np.random.default_rng(seed)
    n = len(program.weights)
    start, box = rng.uniform(-np.pi, np.pi, n), [(-np.pi, np.pi)] * n
    loss = losses(program, shots, rng)
    found = {
        "CMA-ES": lambda: kg.cma_es(loss, start, population=20, n_steps=runs // 20 - 1, seed=seed),
        "evolution": lambda: kg.evolution_strategy(loss, start, n_steps=runs // 33 - 1, seed=seed),
        "swarm": lambda: kg.particle_swarm(loss, box, n_steps=runs // 40 - 1, seed=seed),
        "genetic": lambda: kg.genetic_algorithm(loss, box, n_steps=runs // 50 - 1, seed=seed),
        # A step of Adam is a value, and two for each derivative by parameter shift.
        "gradients": lambda: kg.minimize(
            program, start, steps=runs // (2 * n + 1), tolerance=0, shots=shots, seed=seed
        ),
    }[method]()
    return float((program.expval(weights=found.weights)[0] - GROUND) / abs(GROUND))


def integer_programme(seed: int, generations: int) -> tuple[float, float]:
    """Give the chances that evolved integers, and shots of QAOA, have the optimum."""
    rng = np.random.default_rng(seed)
    matrix, vector = rng.normal(size=(VARIABLES,) * 2), 3 * rng.normal(size=VARIABLES)

    def objective(X: Any) -> Any:
        return np.einsum("xi,ij,xj->x", X, matrix, X) + X @ vector

    values, box = objective(INTEGERS), [(0, VALUES - 1)] * VARIABLES
    options: Any = {"integers": True, "population": 32, "n_steps": EVALUATIONS // 32 - 1}
    evolved = [
        kg.genetic_algorithm(objective, box, seed=seed + k, **options).value for k in range(REPEATS)
    ]

    of_bits = np.kron(np.eye(VARIABLES), [[1, 2]])
    cost = kg.library.qubo(of_bits.T @ matrix @ of_bits + np.diag(vector @ of_bits))
    circuit = kg.library.qaoa((1 / values.std()) * cost, DEPTH)
    program = kg.compile(circuit, cost)
    ramp = 0.7 * (np.arange(DEPTH) + 0.5) / DEPTH
    start, shots = np.concatenate([ramp, ramp[::-1]]), losses(program, SHOTS, rng)
    trained = kg.cma_es(shots, start, sigma=0.1, n_steps=generations, seed=seed)
    chance = program.probs(weights=trained.weights)[values.argmin()]
    return float(np.isclose(evolved, values.min()).mean()), float(1 - (1 - chance) ** SHOTS)


def run(seed: int, quick: bool) -> Trial:
    """Search for a ground state in all ways, and for integers in two."""
    runs = QUICK_RUNS if quick else RUNS
    seeds = range(STARTS * seed, STARTS * seed + (1 if quick else STARTS))
    program = kg.compile(kg.two_local(N, LAYERS, ["ry"], "cx"), CHAIN)
    errors = {
        (method, shots): np.mean([search(method, program, runs, shots, k) for k in seeds])
        for method in METHODS
        for shots in (None, SHOTS)
    }
    reference = errors["CMA-ES", SHOTS]
    apart = kg.compile(kg.Circuit(N).ry(kg.ParameterVector("w", N), range(N)), CHAIN)
    product = search("CMA-ES", apart, 2000, None, 0)
    evolved, qaoa = integer_programme(seed, 20 if quick else 100)
    figures = {CMA: 100 * float(reference), GENETIC: evolved, QAOA: qaoa}
    figures |= {name: float(errors[method, SHOTS] / reference) for method, name in WORSE.items()}
    blind = 1 / len(INTEGERS)
    classical = {CMA: 100 * product, **dict.fromkeys(WORSE.values(), product / float(reference))}
    classical |= {GENETIC: 1 - (1 - blind) ** EVALUATIONS, QAOA: 1 - (1 - blind) ** SHOTS}
    shown = np.array([[errors[method, shots] for shots in (None, SHOTS)] for method in METHODS])
    return Trial(figures, classical, (shown, product))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the error of each way, of exact energies and of those from shots."""
    errors = 100 * np.array([trial.picture[0] for trial in trials])
    places = np.arange(len(METHODS))
    for k, name in enumerate(("exact energies", f"{SHOTS} shots")):
        mean, deviation = errors[:, :, k].mean(axis=0), errors[:, :, k].std(axis=0)
        bars = {"color": COLORS[k], "label": name, "error_kw": {"lw": 1}, "capsize": 2}
        ax.bar(places + 0.4 * k - 0.2, mean, 0.38, yerr=deviation, **bars)
    ax.axhline(100 * trials[0].picture[1], color=COLORS[5], ls="--", label="best product state")
    ax.set(xlabel="", ylabel="error of the energy, %", ylim=(0, None))
    ax.set_xticks(places, METHODS)
    ax.legend(frameon=False, loc="upper left")


EXPERIMENT = Experiment(
    paper="Novák, Zelinka & Snášel 2025, Optimization strategies for variational quantum "
    "algorithms in noisy landscapes, arXiv:2506.01715",
    setup=f"An open Ising chain in a transverse field, {N} qubits, {LAYERS} layers of RY and CX, "
    f"{SHOTS} shots a Pauli string, {RUNS} circuit runs each (a derivative takes two), {STARTS} "
    "random starts a seed; the exact energy of what is found. The paper compares fifty heuristics: "
    "with shots CMA-ES is among the best, swarms and genetic algorithms fall far behind, gradients "
    "fail. Tested is that order, and that integers are found: quadratic programmes of "
    f"{VARIABLES} of 0 to {VALUES - 1}, by QAOA at p = {DEPTH} too. Ranges were set before the "
    "first run of these seeds, having seen others. That gradients fail does not come out: Adam by "
    "parameter shift from the same shots was tried, and is best of all.",
    classical="the best product state; as many integers or bit strings drawn blindly",
    claims=(
        Claim(CMA, None, (0.0, 5.0), quick=(0.0, 10.0)),
        *(Claim(name, None, (1.0, None), quick=(0.0, None)) for name in WORSE.values()),
        Claim(GENETIC, None, (0.8, 1.0), quick=(0.5, 1.0)),
        Claim(QAOA, None, (0.8, 1.0), quick=(0.4, 1.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
