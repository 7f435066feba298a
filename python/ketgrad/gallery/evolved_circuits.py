"""Circuits whose gates evolve find the ground state of hydrogen with few of them.

Mutation alone, mutation with gradients between, and gradients in a fixed circuit have the same
number of circuit runs. Until three CNOTs and a rotation are right together, none helps: the energy
of independent electrons (Hartree-Fock) is a trap for all that climb greedily.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

N = 4
RUNS, QUICK_RUNS, MORE = 50_000, 12_000, 20
GATE_COST = 5e-4  # Hartree
STARTS = 8  # of the fixed circuit, side by side
ACCURACY = 1.6  # chemical, in millihartree
UNTRAINED: Any = {"n_gates": 10}
FEW: Any = {"n_gates": 20, "population": 16, "sigma": 1.0, "train_steps": 20}
MANY: Any = FEW | {"n_gates": 25, "population": 64, "elite": 8}

MUTATIONS, MIXED = "mutations alone: error, mHa", "gradients between: error, mHa"
LONGER = f"gradients between, {MORE} times the runs: error, mHa"
FIXED, FEWER = "fixed circuit, gradients: error, mHa", "CNOTs of UCCSD / of the evolved circuit"

# H2 at .735 Å in STO-3G by Jordan and Wigner, without the repulsion of the nuclei.
HYDROGEN = kg.PauliSum(
    {
        **{"IIII": -0.8105479816, "ZIII": -0.2257534907, "IIZI": -0.2257534907},
        **{"IZII": 0.1721839321, "IIIZ": 0.1721839321, "ZZII": 0.1209126324},
        **{"IIZZ": 0.1209126324, "ZIZI": 0.1746434305, "IZZI": 0.1661454324},
        **{"ZIIZ": 0.1661454324, "IZIZ": 0.1689275385},
        **dict.fromkeys(("XXXX", "YYXX", "XXYY", "YYYY"), 0.0452328),
    }
)
GROUND = HYDROGEN.eigenvalues()[0]
HARTREE_FOCK = kg.compile(kg.Circuit(N).x([0, 2]), HYDROGEN).expval()[0]


def millihartree(energy: Any) -> Any:
    """Give the error of an energy."""
    return 1000 * (energy - GROUND)


def evolve(runs: int, seed: int, options: Any) -> tuple[kg.EvolvedCircuit, Any]:
    """Evolve a circuit; also give the errors on the way, shape (steps, 2): runs and errors."""
    way = []

    def callback(progress: dict[str, Any]) -> bool:
        energy = progress["value"] - GATE_COST * len(progress["circuit"])
        way.append((progress["n_runs"], millihartree(energy)))
        return bool(progress["n_runs"] < runs)

    found = kg.structure_search(
        lambda circuit: kg.compile(circuit, HYDROGEN),
        N,
        gate_cost=GATE_COST,
        n_steps=runs,
        callback=callback,
        seed=seed,
        **options,
    )
    return found, np.array(way)


def fixed(runs: int, seed: int) -> Any:
    """Train one layer of rotations and four CNOTs from several starts, by parameter shift."""
    program = kg.compile(kg.hardware_efficient(N, 1), HYDROGEN)
    n = len(program.weights)
    a_step = STARTS * (2 * n + 1)
    start = np.random.default_rng(seed).uniform(-np.pi, np.pi, n)
    options: Any = {"n_restarts": STARTS - 1, "tolerance": 0, "seed": seed}
    found = kg.minimize(program, start, steps=runs // a_step, **options)
    steps = a_step * (1 + np.arange(len(found.history)))
    return np.stack([steps, millihartree(found.history)], axis=1)


def cnots(circuit: kg.Circuit) -> int:
    """Count CNOTs; exp(-i t P) takes a ladder up and down the qubits of P."""
    ladders = [2 * len(op.qubits) - 2 for op in circuit if op.name == "pauli_rotation"]
    return circuit.count_gates().get("cx", 0) + sum(ladders)


def run(seed: int, quick: bool) -> Trial:
    """Find the ground state in three ways."""
    runs = QUICK_RUNS if quick else RUNS
    alone, way = evolve(runs, seed, UNTRAINED)
    mixed, _ = evolve(runs, seed, FEW)
    longer, longer_way = evolve(MORE * runs, seed, MANY)
    fixed_way = fixed(runs, seed)
    error = float(millihartree(alone.value))
    figures = {
        MUTATIONS: error,
        MIXED: float(millihartree(mixed.value)),
        LONGER: float(millihartree(longer.value)),
        FIXED: float(fixed_way[:, 1].min()),
        # Few CNOTs are no feat where they miss what UCCSD finds.
        FEWER: cnots(kg.library.uccsd(2, N)) / cnots(alone.circuit) if error < ACCURACY else 0.0,
    }
    independent = float(millihartree(HARTREE_FOCK))
    classical = dict.fromkeys((MUTATIONS, MIXED, LONGER, FIXED), independent)
    return Trial(figures, classical, (way, longer_way, fixed_way))


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the errors against circuit runs."""
    for k, name in enumerate(("mutations", "gradients between, longer", "fixed circuit")):
        for j, trial in enumerate(trials):
            runs, errors = trial.picture[k].T
            look = {"color": COLORS[k], "lw": 1, "label": name if j == 0 else None}
            ax.loglog(runs, np.maximum(errors, 1e-2), **look)
    ax.axhline(millihartree(HARTREE_FOCK), color=COLORS[5], ls="--", lw=1, label="Hartree–Fock")
    ax.axhline(ACCURACY, color=COLORS[5], ls=":", lw=1, label="chemical accuracy")
    ax.set(xlabel="circuit runs", ylabel="error of the energy, mHa", ylim=(1e-2, None))
    ax.legend(frameon=False, loc="lower left", fontsize="small")


EXPERIMENT = Experiment(
    paper="Rattew et al. 2019, A domain-agnostic, noise-resistant, hardware-efficient evolutionary "
    "variational quantum eigensolver, arXiv:1910.09694",
    setup=f"H2 in STO-3G at .735 Å on {N} qubits; RX, RY, RZ and CNOTs between any two, each gate "
    f"adding {1000 * GATE_COST:g} mHa to the loss; {RUNS} circuit runs for each way, two a weight "
    "and gradient. The fixed circuit is a layer of rotations and a ring of four CNOTs, the best of "
    f"{STARTS} starts. The paper has up to 12 times fewer CNOTs than UCCSD, over some molecules; "
    f"ours are those of mutations alone. Chemical accuracy ({ACCURACY} mHa) is the field's own; "
    "options were chosen on other seeds, and the runs halved after the first run, to the same "
    "verdicts. With gradients at equal runs some seeds stay in the trap of Hartree–Fock, by all of "
    "a score of settings of population, steps, rate and restarts that were tried; "
    f"{MORE} times the runs, a fifth of the time of mutations here, suffice. The fixed circuit "
    "comes closest, with a CNOT more than need be.",
    classical="Hartree–Fock, a product state; exact diagonalisation takes microseconds",
    claims=(
        Claim(MUTATIONS, None, (0.0, ACCURACY), quick=(0.0, 30.0)),
        Claim(MIXED, None, (0.0, ACCURACY), quick=(0.0, 30.0)),
        Claim(LONGER, None, (0.0, ACCURACY), quick=(0.0, 30.0)),
        Claim(FIXED, None, (0.0, ACCURACY)),
        Claim(FEWER, 12, (10.0, None), quick=(0.0, None)),
    ),
    budget=90,
    run=run,
    draw=draw,
)
