"""Every argument of the package that takes an array, with a call that passes one to it."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import ketgrad as kg

X, W = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
PLAIN = kg.Circuit(2).ry(X[0], 0).ry(X[1], 1).cx(0, 1).rx(W[0], 0).rx(W[1], 1)
PLAIN_WEIGHTS = kg.Circuit(2).rx(W[0], 0).rx(W[1], 1)
MIXED_WEIGHTS = kg.Circuit(1).rx(W[0], 0).ry(W[1], 0)
PROGRAM = kg.compile(PLAIN, ["ZI", "IX"], inputs=X)
STATES = kg.compile(kg.Circuit(2).rx(W[0], 0).ry(W[1], 1).cx(0, 1))
MAP = kg.compile(kg.angle_map(2), inputs="x")
NOISY = kg.compile_noisy(PLAIN, ["ZI", "IX"], inputs=X)
CORE = kg._core  # where what the package keeps to itself is tried too

DENSE = kg.layers.Dense(2, 2)

# All can be written in any of NumPy's numbers without rounding.
IN, WE = np.array([0.25, -0.5]), np.array([0.75, 0.5])
ROWS = np.array([[0.25, -0.5], [0.5, 0.75], [-1.0, 0.25]])
TARGETS, WEIGHT = np.array([0.0, 1.0, 1.0]), np.array([1.0, 0.5, 2.0])
STATE = np.array([0, 1, 0, 0], dtype=complex)
FLIP = np.array([[0, 1], [1, 0]], dtype=complex)
DENSE_AT = np.array([0.5, 0.25, -0.5, 1.0, 0.0, 0.75])
HALVES, ORDER = np.array([0.5, 0.5]), np.array([0, 1])
SQUARE = np.array([[1.0, 0.25, 0.5], [0.25, 1.0, 0.75], [0.5, 0.75, 1.0]])


BOUNDS = np.array([[-0.5, 1.0], [0.25, 2.0]])


@dataclass(frozen=True)
class Entry:
    """A call with an array, one that is right, and what kind of numbers it takes."""

    call: Callable[[Any], Any]
    good: Any
    kind: str = "real"  # or "complex" or "index"


def _squares(rows: Any) -> Any:
    return (rows**2).sum(axis=1)


def model() -> kg.Model:
    out = kg.make_model(2, n_layers=1)
    out.initialize(seed=1)
    return out


def trainer(**options: Any) -> kg.Trainer:
    return kg.Trainer(model(), loss="squared", epochs=1, seed=1, **options)


def fitted_trainer(x: Any, y: Any, weight: Any = None) -> Any:
    out = trainer()
    out.fit(x, y, weight)
    return out.model.parameters


BORN = kg.Model(kg.layers.CircuitLayer(kg.compile(kg.hardware_efficient(1, 1)), of="probs"))
JUDGE = kg.Model(kg.layers.Dense(2, 1))
for _number, _model in enumerate((BORN, JUDGE)):
    _model.initialize(seed=_number)


def adversaries(data: Any, outcomes: Any) -> Any:
    made, _, _ = kg.losses.train_adversarial(BORN, JUDGE, data, outcomes=outcomes, steps=2, seed=1)
    return made.parameters


def set_parameters(values: Any) -> Any:
    out = model()
    out.parameters = values
    return out.parameters


def _batch(call: Callable[..., Any], *names: str, **more: Any) -> dict[str, Entry]:
    """Inputs, weights and states of a method of a program."""
    usual = {"inputs": IN, "weights": WE}

    def entry(name: str, value: Any, kind: str = "real") -> Entry:
        return Entry(lambda a: call(**{**usual, **more, name: a}), value, kind)

    out = {name: entry(name, usual[name]) for name in ("inputs", "weights")}
    if "initial_state" in names:
        out["initial_state"] = entry("initial_state", STATE, "complex")
    return out


def _named(name: str, entries: dict[str, Entry]) -> dict[str, Entry]:
    return {f"{name}:{key}": entry for key, entry in entries.items()}


ONES = np.ones(2)
PARAMETERS = model().parameters.round(1) * 0 + 0.5


def _sides(call: Callable[..., Any]) -> dict[str, Entry]:
    def entry(name: str) -> Entry:
        usual = {"a_inputs": IN, "a_weights": WE, "b_inputs": IN, "b_weights": WE}
        return Entry(lambda a: call(**{**usual, name: a}), IN)

    return {name: entry(name) for name in ("a_inputs", "a_weights", "b_inputs", "b_weights")}


ENTRIES: dict[str, Entry] = {
    **_named("Program.expval", _batch(PROGRAM.expval, "initial_state")),
    **_named("Program.variance", _batch(PROGRAM.variance, "initial_state")),
    **_named("Program.state", _batch(PROGRAM.state, "initial_state")),
    **_named("Program.probs", _batch(PROGRAM.probs, "initial_state")),
    **_named("Program.sample", _batch(PROGRAM.sample, "initial_state", shots=5, seed=1)),
    **_named("Program.jacobian", _batch(PROGRAM.jacobian, "initial_state")),
    **_named("Program.vjp", _batch(PROGRAM.vjp, "initial_state", cotangent=ONES)),
    **_named("_rank_rows", _batch(lambda **a: kg._core._rank_rows(PROGRAM, **a)[0])),
    "Program.bind:weights": Entry(lambda a: PROGRAM.bind(a).to_json(), WE),
    "Program.by_name:weights": Entry(lambda a: PROGRAM.by_name(a)["w"], WE),
    "Program.vjp:cotangent": Entry(lambda a: PROGRAM.vjp(a, IN, WE), ONES),
    **_named(
        "Program.value_and_vjp", _batch(PROGRAM.value_and_vjp, "initial_state", cotangent=ONES)
    ),
    "Program.value_and_vjp:cotangent": Entry(
        lambda a: PROGRAM.value_and_vjp(a, IN, WE, of="state"), STATE, "complex"
    ),
    **_named("Program.hessian", _batch(PROGRAM.hessian)),
    "Program.hessian:cotangent": Entry(lambda a: PROGRAM.hessian(IN, WE, cotangent=a), ONES),
    **_named("Program.hvp", _batch(PROGRAM.hvp, direction=ONES)),
    "Program.hvp:direction": Entry(lambda a: PROGRAM.hvp(a, IN, WE), ONES),
    "Program.hvp:cotangent": Entry(lambda a: PROGRAM.hvp(ONES, IN, WE, cotangent=a), ONES),
    **_named("Program.metric_tensor", _batch(PROGRAM.metric_tensor)),
    **_named("Program.fisher", _batch(PROGRAM.fisher)),
    **_named("NoisyProgram.expval", _batch(NOISY.expval)),
    **_named("NoisyProgram.probs", _batch(NOISY.probs)),
    **_named("NoisyProgram.jacobian", _batch(NOISY.jacobian)),
    **_named("NoisyProgram.vjp", _batch(NOISY.vjp, cotangent=ONES)),
    "NoisyProgram.bind:weights": Entry(lambda a: NOISY.bind(a).to_json(), WE),
    "NoisyProgram.by_name:weights": Entry(lambda a: NOISY.by_name(a)["w"], WE),
    "PauliSum._from_entries:rows": Entry(
        lambda a: kg.PauliSum._from_entries(1, a, [1, 0], HALVES).to_json(), ORDER, "index"
    ),
    "PauliSum._from_entries:columns": Entry(
        lambda a: kg.PauliSum._from_entries(1, [1, 0], a, HALVES).to_json(), ORDER, "index"
    ),
    "PauliSum._from_entries:values": Entry(
        lambda a: kg.PauliSum._from_entries(1, [0, 1], [1, 0], a).to_json(), HALVES, "complex"
    ),
    "NoisyProgram.vjp:cotangent": Entry(lambda a: NOISY.vjp(a, IN, WE), ONES),
    **_named("overlap", _sides(lambda **k: kg.overlap(PROGRAM, PROGRAM, **k))),
    **_named("fidelity", _sides(lambda **k: kg.fidelity(PROGRAM, PROGRAM, **k))),
    **_named("overlap_vjp", _sides(lambda **k: kg.overlap_vjp(1, PROGRAM, PROGRAM, **k))),
    **_named("fidelity_vjp", _sides(lambda **k: kg.fidelity_vjp(1, PROGRAM, PROGRAM, **k))),
    "overlap_vjp:cotangent": Entry(
        lambda a: kg.overlap_vjp(a, STATES, STATES, a_weights=ROWS, b_weights=WE),
        np.array([1, 1j, 0.5]),
        "complex",
    ),
    "fidelity_vjp:cotangent": Entry(
        lambda a: kg.fidelity_vjp(a, STATES, STATES, a_weights=ROWS, b_weights=WE), WEIGHT
    ),
    "bloch_vectors:inputs": Entry(lambda a: kg.bloch_vectors(MAP, a), ROWS),
    "bloch_vectors:weights": Entry(lambda a: kg.bloch_vectors(STATES, weights=a), WE),
    "fidelity_kernel:X": Entry(lambda a: kg.fidelity_kernel(MAP, a), ROWS),
    "fidelity_kernel:Y": Entry(lambda a: kg.fidelity_kernel(MAP, ROWS, a), ROWS),
    "fidelity_kernel:weights": Entry(lambda a: kg.fidelity_kernel(PROGRAM, ROWS, weights=a), WE),
    "projected_kernel:X": Entry(lambda a: kg.projected_kernel(MAP, a), ROWS),
    "projected_kernel:Y": Entry(lambda a: kg.projected_kernel(MAP, ROWS, a), ROWS),
    "projected_kernel:weights": Entry(lambda a: kg.projected_kernel(PROGRAM, ROWS, weights=a), WE),
    "minimize:weights": Entry(lambda a: kg.minimize(PROGRAM, a, inputs=ROWS, steps=2).weights, WE),
    "minimize:inputs": Entry(lambda a: kg.minimize(PROGRAM, WE, inputs=a, steps=2).weights, ROWS),
    "minimize:coefficients": Entry(
        lambda a: kg.minimize(PROGRAM, WE, inputs=ROWS, coefficients=a, steps=2).weights, ONES
    ),
    "MinimizeResult.__init__:weights": Entry(
        lambda a: kg.MinimizeResult(a, 1.0, [1.0]).weights, WE
    ),
    "MinimizeResult.__init__:history": Entry(
        lambda a: kg.MinimizeResult(WE, 1.0, a).history, WEIGHT
    ),
    "MatrixObservable.__init__:matrix": Entry(
        lambda a: kg.MatrixObservable(a, [0]).matrix, FLIP, "complex"
    ),
    "evolve:state": Entry(lambda a: kg.evolve(a, "XY", 0.5).amplitudes(), STATE, "complex"),
    "maxcut:weights": Entry(lambda a: kg.library.maxcut([(0, 1), (1, 2)], a).terms, WE),
    "molecular_hamiltonian:one_body": Entry(
        lambda a: kg.library.molecular_hamiltonian(a, np.zeros((3, 3, 3, 3))).terms, SQUARE
    ),
    "molecular_hamiltonian:two_body": Entry(
        lambda a: kg.library.molecular_hamiltonian(ONES[:1, None], a).terms,
        ONES[:1].reshape(1, 1, 1, 1),
    ),
    "qubo:matrix": Entry(lambda a: kg.library.qubo(a).terms, SQUARE),
    "Circuit.state:values": Entry(PLAIN_WEIGHTS.state, WE),
    "Circuit.matrix:values": Entry(PLAIN_WEIGHTS.matrix, WE),
    "Circuit.power:values": Entry(lambda a: MIXED_WEIGHTS.power(0.5, a).matrix(), WE),
    "Circuit.run:values": Entry(lambda a: PLAIN_WEIGHTS.run(9, seed=1, values=a).memory(), WE),
    "Circuit.density_matrix:values": Entry(lambda a: PLAIN_WEIGHTS.density_matrix(a).matrix(), WE),
    "Circuit.assign:values": Entry(lambda a: PLAIN_WEIGHTS.assign(a).state(), WE),
    "State.apply:values": Entry(lambda a: kg.State(2).apply(PLAIN_WEIGHTS, a).amplitudes(), WE),
    "Circuit.unitary:matrix": Entry(
        lambda a: kg.Circuit(1).unitary(a, [0]).state(), FLIP, "complex"
    ),
    "Circuit.evolution:generator": Entry(
        lambda a: kg.Circuit(1).evolution(0.5, a, [0]).state(), FLIP, "complex"
    ),
    "Circuit.initialize:amplitudes": Entry(
        lambda a: kg.Circuit(2).initialize(a).state(), STATE, "complex"
    ),
    "Channel.from_kraus:operators": Entry(
        lambda a: kg.Channel.from_kraus([a]).superoperator(), FLIP, "complex"
    ),
    "DensityMatrix.fidelity:state": Entry(
        lambda a: kg.Circuit(2).x(0).density_matrix().fidelity(a), STATE, "complex"
    ),
    "State.from_amplitudes:amplitudes": Entry(
        lambda a: kg.State.from_amplitudes(a).amplitudes(), STATE, "complex"
    ),
    "State.set_amplitudes:amplitudes": Entry(
        lambda a: kg.State(2, precision="single").set_amplitudes(a).amplitudes(), STATE, "complex"
    ),
    "Model.outputs:inputs": Entry(lambda a: model().outputs(a), ROWS),
    "Model.parameters:arg1": Entry(set_parameters, PARAMETERS),
    "Model.loss:inputs": Entry(lambda a: model().loss("squared", a, TARGETS), ROWS),
    "Model.loss:targets": Entry(lambda a: model().loss("squared", ROWS, a), TARGETS),
    "Model.loss:sample_weight": Entry(lambda a: model().loss("squared", ROWS, TARGETS, a), WEIGHT),
    "Model.loss_and_gradient:inputs": Entry(
        lambda a: model().loss_and_gradient("squared", a, TARGETS), ROWS
    ),
    "Model.loss_and_gradient:targets": Entry(
        lambda a: model().loss_and_gradient("squared", ROWS, a), TARGETS
    ),
    "Model.loss_and_gradient:sample_weight": Entry(
        lambda a: model().loss_and_gradient("squared", ROWS, TARGETS, a), WEIGHT
    ),
    "Layer.forward:inputs": Entry(lambda a: DENSE.forward(a, DENSE_AT), ROWS),
    "Layer.forward:parameters": Entry(lambda a: DENSE.forward(ROWS, a), DENSE_AT),
    "Layer.vjp:cotangent": Entry(lambda a: DENSE.vjp(a, ROWS, DENSE_AT), ROWS),
    "Layer.vjp:inputs": Entry(lambda a: DENSE.vjp(ROWS, a, DENSE_AT), ROWS),
    "Layer.vjp:parameters": Entry(lambda a: DENSE.vjp(ROWS, ROWS, a), DENSE_AT),
    "Layer.value_and_vjp:cotangent": Entry(lambda a: DENSE.value_and_vjp(a, ROWS, DENSE_AT), ROWS),
    "Layer.value_and_vjp:inputs": Entry(lambda a: DENSE.value_and_vjp(ROWS, a, DENSE_AT), ROWS),
    "Layer.value_and_vjp:parameters": Entry(lambda a: DENSE.value_and_vjp(ROWS, ROWS, a), DENSE_AT),
    "Frozen.__init__:values": Entry(
        lambda a: kg.layers.Frozen(DENSE, a).forward(ROWS, []), DENSE_AT
    ),
    "Optimizer.step:parameters": Entry(lambda a: kg.Optimizer("sgd").step(a, ONES), WE),
    "Optimizer.step:gradient": Entry(lambda a: kg.Optimizer("sgd").step(ONES, a), WE),
    "Optimizer.__init__:rates": Entry(
        lambda a: kg.Optimizer("sgd", rates=a).step(ONES, ONES), np.array([0.5, 2.0])
    ),
    "Trainer.find_learning_rate:inputs": Entry(
        lambda a: trainer().find_learning_rate(a, TARGETS, steps=3)["losses"], ROWS
    ),
    "Trainer.find_learning_rate:targets": Entry(
        lambda a: trainer().find_learning_rate(ROWS, a, steps=3)["losses"], TARGETS
    ),
    "Trainer.find_learning_rate:sample_weight": Entry(
        lambda a: trainer().find_learning_rate(ROWS, TARGETS, a, steps=3)["losses"], WEIGHT
    ),
    "Trainer.fit:inputs": Entry(lambda a: fitted_trainer(a, TARGETS), ROWS),
    "Trainer.fit:targets": Entry(lambda a: fitted_trainer(ROWS, a), TARGETS),
    "Trainer.fit:sample_weight": Entry(lambda a: fitted_trainer(ROWS, TARGETS, a), WEIGHT),
    "Trainer.is_fit_of:inputs": Entry(lambda a: trainer().is_fit_of(a, TARGETS), ROWS),
    "Trainer.is_fit_of:targets": Entry(lambda a: trainer().is_fit_of(ROWS, a), TARGETS),
    "Trainer.is_fit_of:sample_weight": Entry(
        lambda a: trainer().is_fit_of(ROWS, TARGETS, a), WEIGHT
    ),
    "Trainer.step_epoch:inputs": Entry(lambda a: trainer().step_epoch(a, TARGETS)["loss"], ROWS),
    "Trainer.step_epoch:targets": Entry(lambda a: trainer().step_epoch(ROWS, a)["loss"], TARGETS),
    "Trainer.step_epoch:sample_weight": Entry(
        lambda a: trainer().step_epoch(ROWS, TARGETS, a)["loss"], WEIGHT
    ),
    "_program_seconds:weights": Entry(
        lambda a: CORE._program_seconds(kg.compile(PLAIN_WEIGHTS, "ZI"), a, 1).shape, WE
    ),
    "_real_array:values": Entry(lambda a: CORE._real_array(a, "values"), ROWS),
    "class_probabilities:outputs": Entry(lambda a: kg.class_probabilities(a, 3), SQUARE),
    "estimate_phase:outcomes": Entry(kg.library.estimate_phase, np.array([0.25, 0.75])),
    "phase_oracle:marked": Entry(
        lambda a: kg.library.phase_oracle(a, 3).matrix(), np.array([0, 1, 6]), "index"
    ),
    "function_oracle:table": Entry(
        lambda a: kg.library.function_oracle(a).matrix(), np.array([0, 1, 1, 1]), "index"
    ),
    "permutation:images": Entry(
        lambda a: kg.library.permutation(a).matrix(), np.array([0, 1, 3, 2]), "index"
    ),
    "prepare_state:amplitudes": Entry(
        lambda a: kg.library.prepare_state(a).state(), STATE, "complex"
    ),
    "synthesize:unitary": Entry(lambda a: kg.library.synthesize(a).matrix(), FLIP, "complex"),
    "multiplexed_rotation:angles": Entry(
        lambda a: kg.library.multiplexed_rotation("ry", a).matrix(), WE
    ),
    "diagonal:phases": Entry(lambda a: kg.library.diagonal(a).matrix(), WE),
    "qsp_angles:coefficients": Entry(kg.library.qsp_angles, np.array([0.0, 0.5])),
    "qsp:angles": Entry(lambda a: kg.library.qsp(a, 0.5).matrix(), WE),
    "qsvt:angles": Entry(lambda a: kg.library.qsvt(a, kg.Circuit(2).cx(0, 1), 1).matrix(), WE),
    "extrapolate:factors": Entry(lambda a: kg.mitigation.extrapolate(a, TARGETS), WEIGHT),
    "extrapolate:values": Entry(lambda a: kg.mitigation.extrapolate([1, 2, 3], a), ROWS),
    "extrapolate:std": Entry(
        lambda a: kg.mitigation.extrapolate([1, 2, 3], TARGETS, std=a), WEIGHT
    ),
    "zero_noise:weights": Entry(
        lambda a: kg.mitigation.zero_noise(PLAIN_WEIGHTS, "ZI", kg.NoiseModel(), weights=a), WE
    ),
    "zero_noise:inputs": Entry(
        lambda a: kg.mitigation.zero_noise(
            kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z", kg.NoiseModel(), inputs={"a": a}
        ),
        IN,
    ),
    "confusion_matrices:zeros": Entry(
        lambda a: kg.mitigation.confusion_matrices(a, [0.25, 0.75]), np.array([0.75, 0.25])
    ),
    "confusion_matrices:ones": Entry(
        lambda a: kg.mitigation.confusion_matrices([0.75, 0.25], a), np.array([0.25, 0.75])
    ),
    "invert_readout:outcomes": Entry(
        lambda a: kg.mitigation.invert_readout(a, [[[0.75, 0.5], [0.25, 0.5]]]),
        np.array([0.25, 0.75]),
    ),
    "invert_readout:matrices": Entry(
        lambda a: kg.mitigation.invert_readout([0.25, 0.75], a),
        np.array([[[0.75, 0.5], [0.25, 0.5]]]),
    ),
    "mmd:bandwidths": Entry(
        lambda a: kg.losses.mmd(2, a)(np.eye(2), np.eye(2)[::-1]), np.array([0.5, 2.0])
    ),
    "fooling:outcomes": Entry(
        lambda a: kg.losses.fooling(lambda: JUDGE, a)(HALVES[None], None), ROWS[:2]
    ),
    "train_adversarial:data": Entry(lambda a: adversaries(a, ROWS[:2]), HALVES),
    "train_adversarial:outcomes": Entry(lambda a: adversaries(HALVES, a), ROWS[:2]),
    "class_targets:index": Entry(lambda a: kg.class_targets(a, 3), np.array([0, 1, 2]), "index"),
    "shift_rule:frequencies": Entry(lambda a: kg.shift_rule(a), np.array([0.5, 1.5])),
    "target_kernel:y": Entry(kg.target_kernel, np.array([0.0, 1.0, 1.0]), "labels"),
    "kernel_target_alignment:K": Entry(lambda a: kg.kernel_target_alignment(a, SQUARE), SQUARE),
    "kernel_target_alignment:target": Entry(
        lambda a: kg.kernel_target_alignment(SQUARE, a), SQUARE
    ),
    "alignment_gradient:X": Entry(lambda a: kg.alignment_gradient(PROGRAM, a, SQUARE, WE), ROWS),
    "alignment_gradient:target": Entry(
        lambda a: kg.alignment_gradient(PROGRAM, ROWS, a, WE), SQUARE
    ),
    "alignment_gradient:weights": Entry(
        lambda a: kg.alignment_gradient(PROGRAM, ROWS, SQUARE, a), WE
    ),
    "align_kernel:X": Entry(
        lambda a: kg.align_kernel(PROGRAM, a, SQUARE, WE, n_steps=1).weights, ROWS
    ),
    "align_kernel:target": Entry(
        lambda a: kg.align_kernel(PROGRAM, ROWS, a, WE, n_steps=1).weights, SQUARE
    ),
    "align_kernel:weights": Entry(
        lambda a: kg.align_kernel(PROGRAM, ROWS, SQUARE, a, n_steps=1).weights, WE
    ),
    "gradient_variance:inputs": Entry(
        lambda a: kg.gradient_variance(PROGRAM, 4, inputs=a, seed=1), IN
    ),
    "expressibility:inputs": Entry(lambda a: kg.expressibility(PROGRAM, 20, inputs=a, seed=1), IN),
    "meyer_wallach:inputs": Entry(lambda a: kg.meyer_wallach(PROGRAM, a, WE), IN),
    "meyer_wallach:weights": Entry(lambda a: kg.meyer_wallach(PROGRAM, IN, a), WE),
    "entangling_capability:inputs": Entry(
        lambda a: kg.entangling_capability(PROGRAM, 4, inputs=a, seed=1), IN
    ),
    "fisher_information:inputs": Entry(lambda a: kg.fisher_information(PROGRAM, a, WE), ROWS),
    "fisher_information:weights": Entry(lambda a: kg.fisher_information(PROGRAM, ROWS, a), WE),
    "effective_dimension:inputs": Entry(
        lambda a: kg.effective_dimension(PROGRAM, a, n_data=10_000, n_samples=4, seed=1), ROWS
    ),
    "fourier_spectrum:inputs": Entry(
        lambda a: kg.fourier_spectrum(PROGRAM, a, WE, max_frequency=2).coefficients, IN
    ),
    "fourier_spectrum:weights": Entry(
        lambda a: kg.fourier_spectrum(PROGRAM, IN, a, max_frequency=2).coefficients, WE
    ),
    "evolution_strategy:start": Entry(
        lambda a: (
            kg.evolution_strategy(lambda rows: (rows**2).sum(axis=1), a, n_steps=2, seed=1).weights
        ),
        WE,
    ),
    "genetic_algorithm:bounds": Entry(
        lambda a: kg.genetic_algorithm(_squares, a, n_steps=2, seed=1).weights, BOUNDS
    ),
    "genetic_algorithm:start": Entry(
        lambda a: kg.genetic_algorithm(_squares, BOUNDS, start=a, n_steps=2, seed=1).weights, WE
    ),
    "particle_swarm:bounds": Entry(
        lambda a: kg.particle_swarm(_squares, a, n_steps=2, seed=1).weights, BOUNDS
    ),
    "particle_swarm:start": Entry(
        lambda a: kg.particle_swarm(_squares, BOUNDS, start=a, n_steps=2, seed=1).weights, WE
    ),
    "cma_es:start": Entry(lambda a: kg.cma_es(_squares, a, n_steps=2, seed=1).weights, WE),
    "cma_es:bounds": Entry(
        lambda a: kg.cma_es(_squares, WE, bounds=a, n_steps=2, seed=1).weights, BOUNDS
    ),
}
# Arguments of another kind whose types say "anything", and those that are tried elsewhere.
NO_ARRAYS = {
    "Expression.evaluate:values",
    "Channel.pauli:probabilities",
    "FermionOperator.__init__:coefficient",
    "FermionOperator.__mul__:factor",
    "FermionOperator.__rmul__:factor",
    "PauliSum.__init__:operator",  # of another library
    "PauliSum.eigenvalues:k",
    "genetic_algorithm:integers",
    "PauliSum.from_sparse:sparse",
    "Circuit.run:progress",
    "zero_noise:observables",
    "_projected_kernel:rows",  # which projected_kernel() computes
    "_projected_kernel:columns",
    "ParameterVector.__array__:dtype",
    "ParameterVector.__array__:copy",
    "Trainer.__init__:comm",
    "Trainer.from_json:comm",
    "Trainer.fit:callback",
    "Trainer.resume:callback",
    "Trainer.fit:step_callback",
    "Trainer.resume:step_callback",
    "minimize:callback",
    "DensityMatrix.__array__:copy",
    "DensityMatrix.__array__:dtype",
    "State.__array__:dtype",
    "State.__array__:copy",
    "_measured:program",
    "_real:value",
    "_why_not_real:value",
    "Model.__init__:inputs",
    "compile:inputs",
    "compile_noisy:inputs",
    # They fail for want of an unfinished fit, after the arrays have been read as those of fit().
    "Trainer.resume:inputs",
    "Trainer.resume:targets",
    "Trainer.resume:sample_weight",
}


ROOMS = (kg, kg.library, kg.losses, kg.mitigation)


def array_arguments() -> set[str]:
    """List the arguments that may be arrays, of all public callables, as their types say."""
    out = set(_of_stub(ast.parse(Path(kg.__file__).with_name("_core.pyi").read_text()), ""))
    for item in [getattr(module, name) for module in ROOMS for name in module.__all__]:
        if inspect.isfunction(item):
            out |= set(_of_stub(ast.parse(inspect.getsource(item)), ""))
    return out - NO_ARRAYS


def _of_stub(node: Any, prefix: str) -> Any:
    for item in node.body:
        if isinstance(item, ast.ClassDef):
            yield from _of_stub(item, f"{prefix}{item.name}.")
        elif isinstance(item, ast.FunctionDef) and not (
            item.name.startswith("__") and item.name not in ("__init__", "__array__")
        ):
            for argument in [*item.args.args, *item.args.kwonlyargs]:
                text = "" if argument.annotation is None else ast.unparse(argument.annotation)
                if "ArrayLike" in text or text.removesuffix(" | None") in ("typing.Any", "object"):
                    yield f"{prefix}{item.name}:{argument.arg}"
