"""Errors of a noisy machine, made smaller afterwards.

Zero-noise extrapolation measures at several strengths of the noise and continues the polynomial
through them to none at all. Readout inversion solves for the frequencies that a machine which
misreads its bits would have turned into those that were seen.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

N, LAYERS = 4, 2
RATES = np.geomspace(1e-3, 1e-2, 5)  # of noise behind a CNOT; a tenth of it behind others
MISREAD = (0.02, 0.05)  # 1 for 0, 0 for 1
SHOTS, QUICK_SHOTS = 200_000, 50_000
ORDERS = {
    1: "power of the noise in the error, as it is",
    2: "power, from 2 strengths",
    3: "power, from 3 strengths",
}
FOLDED, READOUT = "circuits folded: error shrinks by", "readout inverted: error shrinks by"

OBSERVABLES = [
    kg.PauliSum.from_sparse([("Z" * len(some), list(some), 1.0)], N)
    for size in (1, 2)
    for some in combinations(range(N), size)
]
SIGNS = np.array([[(-1) ** (k >> q & 1) for q in range(N)] for k in range(2**N)])
PARITIES = np.array(
    [SIGNS[:, list(some)].prod(axis=1) for n in (1, 2) for some in combinations(range(N), n)]
)


def noise(rate: float) -> kg.NoiseModel:
    """Make depolarizing noise of a strength."""
    model = kg.NoiseModel().add(kg.Channel.depolarizing(rate / 10))
    return model.add(kg.Channel.depolarizing2(rate), "cx")


def rms(errors: Any) -> float:
    """Average errors over the observables."""
    return float(np.sqrt(np.mean(np.square(errors))))


def extrapolation(circuit: kg.Circuit, weights: Any) -> tuple[Any, float]:
    """Give errors of shape (3 orders, rates), and how much less of 1 % noise folding leaves."""
    exact = kg.compile(circuit, OBSERVABLES).expval(weights=weights)

    def measured(rate: float) -> Any:
        return kg.compile_noisy(circuit, OBSERVABLES, noise(rate)).expval(weights=weights)

    stretched = np.array([[measured(factor * rate) for rate in RATES] for factor in ORDERS])
    values = [stretched[0]] + [
        kg.mitigation.extrapolate(range(1, order + 1), stretched[:order]) for order in (2, 3)
    ]
    errors = np.array([[rms(at_rate - exact) for at_rate in some] for some in values])
    # Where pulses cannot be stretched: C C† C does what C does, with three times the gates.
    folded = kg.mitigation.zero_noise(circuit, OBSERVABLES, noise(RATES[-1]), weights=weights)
    return errors, errors[0, -1] / rms(folded - exact)


def readout(circuit: kg.Circuit, weights: Any, shots: int, seed: int) -> float:
    """Say how much smaller the error of parities becomes, calibration by shots included."""
    misread = kg.NoiseModel().add_readout_error(*MISREAD)
    seen = circuit.copy().measure_all().run(shots, values={"w": weights}, noise=misread, seed=seed)
    zeros, ones = (
        some.run(shots, noise=misread, seed=seed + 1 + k)
        for k, some in enumerate(kg.mitigation.calibration_circuits(N))
    )
    # As it is: as if every bit were read right.
    raw, corrected = (
        kg.mitigation.invert_readout(seen, matrices)
        for matrices in ([np.eye(2)] * N, kg.mitigation.confusion_matrices(zeros, ones))
    )
    exact = PARITIES @ kg.compile(circuit).probs(weights=weights)
    return rms(PARITIES @ raw - exact) / rms(PARITIES @ corrected - exact)


def run(seed: int, quick: bool) -> Trial:
    """Mitigate both errors of a circuit with random angles."""
    circuit = kg.hardware_efficient(N, LAYERS)
    weights = np.random.default_rng(seed).uniform(-np.pi, np.pi, len(circuit.parameters))
    errors, gain = extrapolation(circuit, weights)
    slopes = np.polyfit(np.log(RATES), np.log(errors).T, 1)[0]
    figures = dict(zip(ORDERS.values(), map(float, slopes), strict=True))
    shots = QUICK_SHOTS if quick else SHOTS
    figures |= {FOLDED: gain, READOUT: readout(circuit, weights, shots, 10 * seed)}
    return Trial(figures, picture=errors)


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the errors against the strength of the noise."""
    for k, name in enumerate(("as it is", "2 strengths", "3 strengths")):
        for j, trial in enumerate(trials):
            label = name if j == 0 else None
            ax.loglog(RATES, trial.picture[k], "o-", ms=3, lw=1, color=COLORS[k], label=label)
    ax.set(xlabel="strength of the noise behind a CNOT", ylabel="error of ⟨Z⟩ and ⟨ZZ⟩")
    ax.legend(frameon=False)


EXPERIMENT = Experiment(
    paper="Temme, Bravyi & Gambetta 2017, Error mitigation for short-depth quantum circuits, "
    "arXiv:1612.02058",
    setup=f"{N} qubits, {LAYERS} layers of rotations and CNOTs, random angles, depolarizing noise, "
    "expectation values without shots. Extrapolation from n strengths is to leave an error of the "
    "power n of the noise; stretched by 1, 2, 3, and at 1 % folded into 1, 3, 5 times the circuit. "
    f"Readout: {MISREAD[0]:.0%} and {MISREAD[1]:.0%} misread, {SHOTS} shots, as many for each of "
    "two calibrations. That errors shrink fivefold is a criterion that was set before the first "
    "run.",
    classical="none: small circuits are simulated exactly, which is what errors are measured by",
    claims=(
        *(Claim(name, order, (order - 0.15, order + 0.15)) for order, name in ORDERS.items()),
        Claim(FOLDED, None, (5.0, None)),
        Claim(READOUT, None, (5.0, None), quick=(2.0, None)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
