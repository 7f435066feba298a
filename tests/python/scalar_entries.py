"""Every argument of the package that takes a real number, with a call that passes one to it."""

import ast
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import ketgrad as kg
from gate_table import ANGLES, FUNCTIONS, GATES, Gate

CORE = kg._core
A = kg.Parameter("a")
ROTATED = kg.Circuit(1).rx(A, 0)
PROGRAM = kg.compile(ROTATED, "Z")
MAP = kg.compile(kg.angle_map(1), inputs="x")
PAULI = kg.PauliSum("Z")
MEASURED = kg.Circuit(1, 1).rx(A, 0).measure(0, 0)
QASM = 'OPENQASM 3; include "stdgates.inc"; input float a; qubit q; rx(a) q;'
Call = Callable[[Any], Any]


def _gates() -> dict[str, Call]:
    """Angles of the methods of the gate table."""
    return {
        f"Circuit.{gate.name}:{ANGLES[k]}": partial(_with_angle, gate, k)
        for gate in GATES
        for k in range(gate.angles)
    }


def _with_angle(gate: Gate, k: int, value: Any) -> Any:
    angles: list[Any] = [0.1, 0.2, 0.3][: gate.angles]
    angles[k] = value
    circuit = kg.Circuit(gate.qubits)
    return getattr(circuit, gate.name)(*angles, *range(gate.qubits)).matrix()


def _operators(of: Any, name: str) -> dict[str, Call]:
    out: dict[str, Call] = {}
    for operator in ("add", "sub", "mul", "pow", "truediv", "radd", "rsub", "rmul", "rpow"):
        out[f"{name}.__{operator}__:other"] = lambda v, o=operator: getattr(of, f"__{o}__")(v)
    out[f"{name}.__rtruediv__:other"] = lambda v: of.__rtruediv__(v)
    return out


def _trainer(**options: Any) -> Any:
    trainer = kg.Trainer(kg.make_model(1, n_layers=1), loss="squared", seed=1, **options)
    return trainer.step_epoch([[0.25], [0.5], [0.75]], [0.0, 1.0, 0.5])["loss"]


def _from_file(**options: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "circuit.qasm")
        path.write_text(QASM)
        return kg.Circuit.from_qasm_file(path, **options).matrix()


def _searched(**options: Any) -> Any:
    trainer = kg.Trainer(kg.make_model(1, n_layers=1), loss="squared", seed=1)
    return trainer.find_learning_rate([[0.25], [0.5]], [0.0, 1.0], steps=3, **options)["losses"]


def _minimized(**options: Any) -> Any:
    options = {"optimizer": "adam"} | options
    return kg.minimize(PROGRAM, [0.5], steps=3, seed=1, **options).weights


def _stepped(factor: Any = 1.0, name: str = "sgd", **options: Any) -> Any:
    return kg.Optimizer(name, **options).step([1.0], [0.5], factor)


def _heuristic(name: str, place: Any, option: str) -> Call:
    def call(value: Any) -> Any:
        search = getattr(kg, name)
        found = search(lambda w: (w**2).sum(axis=1), place, n_steps=2, seed=1, **{option: value})
        return found.weights

    return call


def _evolved(option: str) -> Call:
    def call(value: Any) -> Any:
        options = {"train_steps": 2, "n_steps": 2, "seed": 1, option: value}
        return kg.structure_search(lambda c: kg.compile(c, "ZZ"), 2, **options).weights

    return call


def _initialized(spread: Any) -> Any:
    model = kg.make_model(1, n_layers=1)
    model.initialize(seed=1, spread=spread)
    return model.parameters


SHADOW = kg.State(1).shadow(50, seed=1)


def _plan(observables: Any = "Z", network: Any = 1.0, memory: Any = 1.0) -> Any:
    return kg._core._plan_ranks(kg.Circuit(1).h(0), observables, 1, "double", network, memory)


# All take 0.5.
SCALARS: dict[str, Call] = {
    **_gates(),
    **_operators(A, "Parameter"),
    **_operators(2 * A, "Expression"),
    "Expression.__init__:value": kg.Expression,
    "Expression.evaluate:values": lambda v: (2 * A).evaluate({"a": v}),
    "Circuit.pauli_rotation:theta": lambda v: kg.Circuit(1).pauli_rotation(v, "Y", [0]).matrix(),
    "Circuit.evolution:theta": lambda v: kg.Circuit(1).evolution(v, PAULI, [0]).matrix(),
    "Circuit.evolution:generator": lambda v: kg.Circuit(1).evolution(0.3, {"Z": v}, [0]).matrix(),
    "Circuit.power:exponent": lambda v: kg.Circuit(1).x(0).power(v).matrix(),
    "Circuit.gate:angles": lambda v: kg.Circuit(1).gate("rx", [v], 0).matrix(),
    "Circuit.from_qasm:inputs": lambda v: kg.Circuit.from_qasm(QASM, inputs={"a": v}).matrix(),
    "Circuit.from_qasm_file:inputs": lambda v: _from_file(inputs={"a": v}),
    "Circuit.power:values": lambda v: ROTATED.copy().ry(A, 0).power(0.5, {"a": v}).matrix(),
    "Circuit.assign:values": lambda v: ROTATED.assign({"a": v}).matrix(),
    "Circuit.density_matrix:values": lambda v: ROTATED.density_matrix({"a": v}).matrix(),
    "Circuit.matrix:values": lambda v: ROTATED.matrix({"a": v}),
    "Circuit.run:values": lambda v: MEASURED.run(20, seed=1, values={"a": v}).counts(),
    "Circuit.state:values": lambda v: ROTATED.state({"a": v}),
    "State.apply:values": lambda v: kg.State(1).apply(ROTATED, {"a": v}).amplitudes(),
    "PauliSum.from_sparse:terms": lambda v: kg.PauliSum.from_sparse([("Z", [0], v)], 1),
    "PauliSum.i_commutator:other": lambda v: PAULI.i_commutator({"X": v}),
    "PauliSum.anticommutator:other": lambda v: PAULI.anticommutator({"Z": v}),
    "PauliSum.__init__:terms": lambda v: kg.PauliSum({"Z": v}),
    "PauliSum.__add__:other": lambda v: PAULI + v,
    "PauliSum.__radd__:other": lambda v: PAULI.__radd__(v),
    "PauliSum.__sub__:other": lambda v: PAULI - v,
    "PauliSum.__rsub__:other": lambda v: PAULI.__rsub__(v),
    "PauliSum.__mul__:factor": lambda v: PAULI * v,
    "PauliSum.__rmul__:factor": lambda v: PAULI.__rmul__(v),
    "PauliSum.__truediv__:divisor": lambda v: PAULI / v,
    "ClassicalShadow.expval:observables": lambda v: SHADOW.expval({"Z": v}),
    "Model.__init__:observables": lambda v: kg.Model(kg.angle_map(1), [{"Z": v}], "x").outputs(
        [[0.5]]
    ),
    "make_model:observables": lambda v: kg.make_model(1, observables={"Z": v}).outputs([[0.5]]),
    "State.expval:observable": lambda v: kg.State(1).expval({"Z": v}),
    "State.variance:observable": lambda v: kg.State(1).variance({"X": v}),
    "DensityMatrix.expval:observable": lambda v: kg.Circuit(1).density_matrix().expval({"Z": v}),
    "compile:observables": lambda v: kg.compile(ROTATED, {"Z": v}).expval(weights=[0.5]),
    "compile_noisy:observables": lambda v: kg.compile_noisy(ROTATED, {"Z": v}).expval(
        weights=[0.5]
    ),
    "Channel.amplitude_damping:gamma": kg.Channel.amplitude_damping,
    "Channel.generalized_amplitude_damping:gamma": (
        lambda v: kg.Channel.generalized_amplitude_damping(v, 0.25)
    ),
    "Channel.generalized_amplitude_damping:excited_population": (
        lambda v: kg.Channel.generalized_amplitude_damping(0.25, v)
    ),
    "Channel.bit_flip:p": kg.Channel.bit_flip,
    "Channel.bit_phase_flip:p": kg.Channel.bit_phase_flip,
    "Channel.depolarizing:p": kg.Channel.depolarizing,
    "Channel.depolarizing2:p": kg.Channel.depolarizing2,
    "Channel.phase_flip:p": kg.Channel.phase_flip,
    "Channel.phase_damping:lambda_": kg.Channel.phase_damping,
    "Channel.pauli:probabilities": lambda v: kg.Channel.pauli({"X": v}),
    "Channel.thermal_relaxation:t1": lambda v: kg.Channel.thermal_relaxation(v, 0.5, 0.1),
    "Channel.thermal_relaxation:t2": lambda v: kg.Channel.thermal_relaxation(0.5, v, 0.1),
    "Channel.thermal_relaxation:time": lambda v: kg.Channel.thermal_relaxation(1, 1, v),
    "Channel.thermal_relaxation:excited_population": (
        lambda v: kg.Channel.thermal_relaxation(1, 1, 1, v)
    ),
    "NoiseModel.add_readout_error:one_for_zero": (
        lambda v: kg.NoiseModel().add_readout_error(v, 0).to_json()
    ),
    "NoiseModel.add_readout_error:zero_for_one": (
        lambda v: kg.NoiseModel().add_readout_error(0, v).to_json()
    ),
    "Program.jacobian:step": lambda v: PROGRAM.jacobian(
        weights=[0.5], diff_method="finite-diff", step=v
    ),
    "MinimizeResult.__init__:value": lambda v: kg.MinimizeResult([0.0], v, [0.0]).value,
    "Model.initialize:spread": _initialized,
    "Optimizer.__init__:learning_rate": lambda v: _stepped(learning_rate=v),
    "Optimizer.__init__:momentum": lambda v: _stepped(name="momentum", momentum=v),
    "Optimizer.__init__:weight_decay": lambda v: _stepped(name="adamw", weight_decay=v),
    "Optimizer.__init__:betas": lambda v: _stepped(name="adam", betas=(v, v)),
    "Optimizer.__init__:epsilon": lambda v: _stepped(name="adam", epsilon=v),
    "Optimizer.__init__:decay": lambda v: _stepped(name="rmsprop", decay=v),
    "Optimizer.step:learning_rate_factor": _stepped,
    "Trainer.find_learning_rate:lowest": lambda v: _searched(lowest=v),
    "Trainer.find_learning_rate:highest": lambda v: _searched(lowest=1e-9, highest=v),
    "Trainer.find_learning_rate:smoothing": lambda v: _searched(smoothing=v),
    "Trainer.__init__:learning_rate": lambda v: _trainer(learning_rate=v),
    "Trainer.__init__:momentum": lambda v: _trainer(optimizer="momentum", momentum=v),
    "Trainer.__init__:weight_decay": lambda v: _trainer(optimizer="adamw", weight_decay=v),
    "Trainer.__init__:validation_fraction": lambda v: _trainer(
        validation_fraction=v, early_stopping=True
    ),
    "Trainer.__init__:max_gradient_norm": lambda v: _trainer(max_gradient_norm=v),
    "Trainer.__init__:rates": lambda v: _trainer(rates={"1.scale": v}),
    "Layer.initialize:spread": lambda v: kg.layers.Dense(1, 1).initialize(1, v),
    "Trainer.__init__:tolerance": lambda v: _trainer(
        tolerance=v, early_stopping=True, validation_fraction=0.5
    ),
    "minimize:learning_rate": lambda v: _minimized(learning_rate=v),
    "minimize:momentum": lambda v: _minimized(optimizer="momentum", momentum=v),
    "minimize:weight_decay": lambda v: _minimized(optimizer="adamw", weight_decay=v),
    "minimize:tolerance": lambda v: _minimized(tolerance=v),
    "minimize:perturbation": lambda v: _minimized(optimizer="spsa", perturbation=v),
    "minimize:regularization": lambda v: _minimized(optimizer="qng", regularization=v),
    "_projected_kernel:gamma": lambda v: kg._core._projected_kernel(np.ones((2, 1, 3)), gamma=v),
    "_plan_ranks:observables": lambda v: _plan({"Z": v}),
    "_plan_ranks:network": lambda v: _plan(network=v),
    "_plan_ranks:memory": lambda v: _plan(memory=v),
    "projected_kernel:gamma": lambda v: kg.projected_kernel(MAP, [[0.5], [1.0]], gamma=v),
    "grover_iterations:probability": kg.library.grover_iterations,
    "estimate_phase:outcomes": lambda v: kg.library.estimate_phase({"0": v, "1": 0.25}),
    "evolve:time": lambda v: kg.evolve(kg.State(1), "X", v).amplitudes(),
    "evolve:tolerance": lambda v: kg.evolve(kg.State(1), "X", 0.5, tolerance=v).amplitudes(),
    "evolve:hamiltonian": lambda v: kg.evolve(kg.State(1), {"X": v}, 0.5).amplitudes(),
    "heisenberg:coupling": lambda v: kg.library.heisenberg(2, v),
    "heisenberg:field": lambda v: kg.library.heisenberg(2, field=v),
    "hubbard:hopping": lambda v: kg.library.hubbard(2, v),
    "hubbard:interaction": lambda v: kg.library.hubbard(2, interaction=v),
    "hubbard:chemical_potential": lambda v: kg.library.hubbard(2, chemical_potential=v),
    "molecular_hamiltonian:constant": lambda v: (
        kg.library.molecular_hamiltonian([[1.0]], [[[[0.0]]]], v).terms
    ),
    "hamiltonian_variational:groups": lambda v: kg.library.hamiltonian_variational(
        [{"X": v}], 1
    ).state({"theta[0]": 0.5}),
    "qaoa:cost": lambda v: kg.library.qaoa({"Z": v}, 1).state({"gamma[0]": 0.5, "beta[0]": 0.25}),
    "qaoa:mixer": lambda v: kg.library.qaoa("Z", 1, {"X": v}).state(
        {"gamma[0]": 0.5, "beta[0]": 0.25}
    ),
    "qsp:theta": lambda v: kg.library.qsp([0.25, 0.5], v).matrix(),
    "qdrift:hamiltonian": lambda v: kg.library.qdrift({"X": v}, 0.5, 3, seed=1).matrix(),
    "qdrift:time": lambda v: kg.library.qdrift("X", v, 3, seed=1).matrix(),
    "transverse_ising:coupling": lambda v: kg.library.transverse_ising(2, v),
    "transverse_ising:field": lambda v: kg.library.transverse_ising(2, field=v),
    "trotter:hamiltonian": lambda v: kg.library.trotter({"X": v}, 0.5).matrix(),
    "trotter:time": lambda v: kg.library.trotter("X", v).matrix(),
    **{f"{name}:a": getattr(kg, name) for name in FUNCTIONS},
    "hypot:a": lambda v: kg.hypot(v, A),
    "Parameter.hypot:other": lambda v: A.hypot(v),
    "Expression.hypot:other": lambda v: (2 * A).hypot(v),
    "hypot:b": lambda v: kg.hypot(A, v),
    # Written in Python.
    "amplitude_estimation:epsilon": lambda v: (
        kg.library.amplitude_estimation(kg.Circuit(1).h(0), 0, epsilon=v, seed=1).interval
    ),
    "amplitude_estimation:alpha": lambda v: (
        kg.library.amplitude_estimation(kg.Circuit(1).h(0), 0, alpha=v, seed=1).interval
    ),
    "_real:value": lambda v: CORE._real(v, "v"),
    "evolution_strategy:sigma": lambda v: (
        kg.evolution_strategy(
            lambda rows: (rows**2).sum(axis=1), [1.0], n_steps=1, sigma=v, seed=1
        ).weights
    ),
    "evolution_strategy:learning_rate": lambda v: (
        kg.evolution_strategy(
            lambda rows: (rows**2).sum(axis=1), [1.0], n_steps=1, learning_rate=v, seed=1
        ).weights
    ),
    **{
        f"{name}:{option}": _heuristic(name, place, option)
        for name, place, options in (
            ("genetic_algorithm", [(-1, 1)], "crossover mutation sigma target tolerance"),
            ("particle_swarm", [(-1, 1)], "inertia cognitive social target tolerance"),
            ("cma_es", [1.0], "sigma target tolerance"),
        )
        for option in options.split()
    },
    **{
        f"structure_search:{option}": _evolved(option)
        for option in (
            "learning_rate",
            "gate_cost",
            "crossover",
            "sigma",
            "target",
            "tolerance",
        )
    },
    "LossInCore.kernel_alignment:bandwidth": lambda v: kg._core.LossInCore.kernel_alignment(v)(
        [[0.1], [0.7]], [[1.0], [-1.0]]
    )[1],
    "LossInCore.mmd:bandwidths": lambda v: kg._core.LossInCore.mmd(2, [v], False)(
        [[0.5, 0.5]], [[1.0, 0.0]]
    )[1],
    "extrapolate:asymptote": lambda v: kg.mitigation.extrapolate(
        [1, 3], [0.75, 0.625], method="exponential", asymptote=v
    ),
    "fourier_spectrum:period": lambda v: (
        kg.fourier_spectrum(MAP_WITH_Z, [0.0], period=v, max_frequency=1).coefficients
    ),
    "alignment_gradient:gamma": lambda v: kg.alignment_gradient(
        kg.compile(kg.angle_map(1).rx(A, 0), inputs="x"),
        [[0.5], [1.0]],
        np.eye(2),
        [0.5],
        kernel="projected",
        gamma=v,
    ),
}
MAP_WITH_Z = kg.compile(kg.angle_map(1), "Z", inputs="x")


def real_arguments() -> dict[str, str]:
    """List the arguments of the extension module that take real numbers, with their types."""
    found = dict(_of_stub(ast.parse(Path(kg.__file__).with_name("_core.pyi").read_text()), ""))
    return {name: text for name, text in found.items() if not name.startswith("_pass")}


def _of_stub(node: Any, prefix: str) -> Any:
    for item in node.body:
        if isinstance(item, ast.ClassDef):
            yield from _of_stub(item, f"{prefix}{item.name}.")
        elif isinstance(item, ast.FunctionDef):
            for argument in [*item.args.args, *item.args.kwonlyargs]:
                text = "" if argument.annotation is None else ast.unparse(argument.annotation)
                if "SupportsFloat" in text:
                    yield f"{prefix}{item.name}:{argument.arg}", text
