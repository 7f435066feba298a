"""Every public object can be pickled and copied, and damaged pickles are refused."""

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ketgrad as kg

A = kg.Parameter("a")
CIRCUIT = kg.Circuit(2, 2).h(0).rx(2 * A, 1).cx(0, 1)
NOISE = kg.NoiseModel().add(kg.Channel.depolarizing(0.1)).add_readout_error(0.1, 0.2)
BELL = kg.Circuit(2, 2).h(0).cx(0, 1).measure_all()
ROWS, TARGETS = np.linspace(-1, 1, 12).reshape(6, 2), np.arange(6) % 2


def stepped_optimizer() -> kg.Optimizer:
    optimizer = kg.Optimizer("adam", learning_rate=0.1)
    optimizer.step([1.0, 2.0], [0.3, -0.4])
    return optimizer


def trained(loss: Any = "squared") -> kg.Trainer:
    trainer = kg.Trainer(kg.make_model(2, n_layers=1), loss=loss, seed=1)
    trainer.step_epoch(ROWS, TARGETS)
    return trainer


def fitted(estimator: Any) -> Any:
    return estimator.fit(ROWS, TARGETS)


def spectrum() -> kg.FourierSpectrum:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("x"), 0), "Z", inputs="x")
    return kg.fourier_spectrum(program, [0.0])


def scan() -> kg.PlateauScan:
    def build(n: int) -> kg.Program:
        return kg.compile(kg.hardware_efficient(n, 1), kg.PauliSum("Z0", n_qubits=n))

    return kg.plateau_scan(build, [2, 3], n_samples=4, seed=0)


# One object or more of every public class.
MAKERS: dict[str, list[Callable[[], Any]]] = {
    "QSVC": [lambda: fitted(kg.QSVC(random_state=0))],
    "QSVR": [lambda: fitted(kg.QSVR(random_state=0))],
    "QKernelRidge": [lambda: fitted(kg.QKernelRidge(random_state=0))],
    "QGPClassifier": [lambda: fitted(kg.QGPClassifier(random_state=0))],
    "QGPRegressor": [lambda: fitted(kg.QGPRegressor(random_state=0))],
    "QNystroem": [lambda: fitted(kg.QNystroem(n_components=2, random_state=0))],
    "QReservoir": [lambda: fitted(kg.QReservoir(n_qubits=2, random_state=0))],
    "VQMetricLearner": [lambda: fitted(kg.VQMetricLearner(n_steps=2, random_state=0))],
    "VQClassifier": [lambda: fitted(kg.VQClassifier(max_iter=1, tol=0, random_state=0))],
    "VQRegressor": [lambda: fitted(kg.VQRegressor(max_iter=1, tol=0, random_state=0))],
    "AmplitudeEstimate": [lambda: kg.library.AmplitudeEstimate(0.5, (0.4, 0.6), 10, 20)],
    "Factoring": [lambda: kg.library.Factoring((3, 5), 7, 4, 11, 5972, 1)],
    "AlignedKernel": [lambda: kg.AlignedKernel(np.array([0.1, 0.2]), [0.5, 0.6])],
    "EvolvedCircuit": [
        lambda: kg.EvolvedCircuit(
            kg.Circuit(1).rx(0.5, 0), np.array([]), 0.5, [0.6, 0.5], 2, "done"
        )
    ],
    "FourierSpectrum": [spectrum],
    "PlateauScan": [scan],
    "Channel": [
        lambda: kg.Channel.thermal_relaxation(float("inf"), 2.0, 0.1),
        lambda: kg.Channel.pauli({"XX": 0.1}),
        lambda: kg.Channel.from_kraus([np.diag([1, 0]), np.diag([0, 1])], "dephase"),
    ],
    "Circuit": [
        lambda: CIRCUIT,
        lambda: BELL,
        lambda: kg.Circuit(1).initialize([0.6, 0.8j]),
        lambda: kg.Circuit(1).channel(kg.Channel.thermal_relaxation(float("inf"), 1, 1), 0),
    ],
    "ClassicalShadow": [lambda: kg.State(3).shadow(20, seed=1)],
    "DensityMatrix": [
        lambda: kg.Circuit(2).h(0).cx(0, 1).density_matrix(noise=NOISE),
        lambda: kg.Circuit(1).rx(0.3, 0).density_matrix(precision="single"),
    ],
    "Expression": [lambda: 2 * A + kg.sin(A), lambda: sum([A] * 3000)],
    "MatrixObservable": [lambda: kg.MatrixObservable(np.array([[0, 1j], [-1j, 0]]), [1])],
    "MinimizeResult": [
        lambda: kg.minimize(kg.compile(kg.Circuit(1).rx(A, 0), "Z"), [0.5], steps=3),
    ],
    "Model": [lambda: kg.make_model(2, n_layers=1)],
    "NoiseModel": [lambda: NOISE],
    "NoisyProgram": [
        lambda: kg.compile_noisy(CIRCUIT, ["ZI", {"XX": 0.5}], NOISE, inputs="a"),
        lambda: kg.compile_noisy(BELL, "ZZ", precision="single"),
    ],
    "Optimizer": [
        stepped_optimizer,
        lambda: kg.Optimizer("sgd"),
        lambda: kg.Optimizer("adam", amsgrad=True, betas=(0.5, 0.9), rates={"w": 0.5}),
    ],
    "FermionOperator": [lambda: kg.FermionOperator("0^ 1", 0.5) + kg.FermionOperator("1^ 0")],
    "Operation": [
        lambda: kg.Circuit(3).crx(2 * A, 2, 0).operations[0],
        lambda: kg.Circuit(2, 3).when({2: 1}, kg.Circuit(2).x(1)).operations[0],
        lambda: kg.Circuit(2).initialize([0.6, 0.8j]).operations[0],
        lambda: kg.Circuit(2, 2).measure(1, 1).operations[0],
    ],
    "Parameter": [lambda: A],
    "ParameterVector": [lambda: kg.ParameterVector("w", 3)],
    "PauliSum": [lambda: kg.PauliSum({"ZZ": 0.5, "XI": -1.0})],
    "Program": [lambda: kg.compile(kg.Circuit(2).rx(A, 0), "ZZ")],
    "Result": [
        lambda: BELL.run(50, seed=1),
        lambda: BELL.run(50, seed=1, noise=NOISE, method="density_matrix"),
        lambda: BELL.run(50, seed=1, postselect={0: 1}),
        lambda: kg.Circuit([("q", 1)], [("long", 130), ("b", 1)]).x(0).measure(0, 129).run(5),
    ],
    "State": [lambda: kg.State(2, seed=3).apply(kg.Circuit(2).h(0).cx(0, 1))],
    "Trainer": [trained, lambda: trained(kg.losses.kernel_alignment(0.5))],
}
CASES = [(name, make) for name, makers in MAKERS.items() for make in makers]


def public_classes() -> set[str]:
    return {
        name
        for module in (kg, kg.library)
        for name in module.__all__
        if inspect.isclass(getattr(module, name))
    }


def content(value: Any) -> Any:
    """Everything that an object shows of itself, for comparisons."""
    kind = type(value).__name__
    if kind in ("State",):
        return (value.amplitudes().tolist(), value.precision)
    if kind == "DensityMatrix":
        return (value.matrix().tolist(), value.precision, value.n_qubits)
    if kind == "Result":
        exact = value.probabilities() if value.exact else None
        return (value.bitstrings(), value.n_run, value.n_branches, value.n_bits, exact)
    if kind == "ClassicalShadow":
        return (value.bases, value.outcomes.tolist(), value.n_qubits)
    if kind == "MinimizeResult":
        return (value.weights.tolist(), value.value, value.history.tolist(), value.converged)
    if kind == "NoisyProgram":
        inputs = [0.3] * len(value.inputs) or None
        return (value.inputs, value.precision, value.expval(inputs).tolist())
    if kind == "Optimizer":
        again = copy.deepcopy(value) if value.steps else value
        return (repr(value), again.step([1.0, 2.0], [0.1, 0.2]).tolist() if value.steps else None)
    if kind == "ParameterVector":
        return (value, list(value))
    if hasattr(value, "to_json"):
        return value.to_json()
    if hasattr(value, "predict"):
        return value.predict(ROWS).tolist()
    if hasattr(value, "transform"):
        return value.transform(ROWS).tolist()
    if kind in ("AlignedKernel", "FourierSpectrum", "PlateauScan"):
        return {name: np.asarray(item).tolist() for name, item in vars(value).items()}
    if kind == "EvolvedCircuit":
        return (value.circuit, value.weights.tolist(), value.history, repr(value))
    return (repr(value), value)


def test_every_public_class_is_tried() -> None:
    assert set(MAKERS) == public_classes()


@pytest.mark.parametrize(("name", "make"), CASES)
def test_pickles_and_copies_are_the_same(name: str, make: Callable[[], Any]) -> None:
    value = make()
    assert type(value).__name__ == name
    expected = content(value)
    copies = [pickle.loads(pickle.dumps(value, p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)]
    if name in vars(kg._core):
        rebuild, arguments, state = value.__reduce__()  # as protocol 2 does
        copies.append(rebuild(*arguments))
        copies[-1].__setstate__(state)
    copies += [copy.copy(value), copy.deepcopy(value), copy.deepcopy([value])[0]]
    for other in copies:
        assert type(other) is type(value)
        assert content(other) == expected
        if type(value).__eq__ is not object.__eq__ and type(value).__module__ == "ketgrad._core":
            assert other == value
    assert content(value) == expected  # which nothing has changed


BOUND = [(name, make) for name, make in CASES if type(make()).__module__ == "ketgrad._core"]


def damaged(part: Any) -> list[Any]:
    """Return what a part of a state may be instead, of the same type or another."""
    out: list[Any] = [None, "x", -1, 2**70, float("nan"), [], b"", object()]
    if isinstance(part, str):
        out += [part[: len(part) // 2], part + "}", part.replace("1", "7")]
    if isinstance(part, int) and not isinstance(part, bool):
        out += [part + 1, part - 1, 0]
    if isinstance(part, np.ndarray):
        out += [part[:-1], part.astype(object), np.concatenate([part, part])]
        out += [part.astype("U9"), np.zeros((2, 2, 2))]
        if part.size:
            out += [part[:0], (part + 1).astype(part.dtype) * 3]
    if isinstance(part, list):
        out += [part[:-1], part + part, [part]]
    return out


@pytest.mark.parametrize(("name", "make"), BOUND)
def test_damaged_states_are_refused_or_whole(name: str, make: Callable[[], Any]) -> None:
    value = make()
    state = value.__getstate__()
    blank = type(value).__new__
    attempts: list[Any] = [(), (*state, 1), state[:-1], None, "x", 5]
    for k, part in enumerate(state):
        attempts += [(*state[:k], other, *state[k + 1 :]) for other in damaged(part)]
    refused = 0
    for attempt in attempts:
        other = blank(type(value))
        try:
            other.__setstate__(attempt)
        except (TypeError, ValueError, IndexError, OverflowError, RuntimeError, MemoryError):
            refused += 1
            continue
        assert type(content(other)) is type(content(value))  # usable: it does not crash
    assert refused > 3


def test_results_and_others_compare_by_content() -> None:
    assert BELL.run(50, seed=1) == BELL.run(50, seed=1)
    assert BELL.run(50, seed=1) != BELL.run(50, seed=2)
    assert kg.State(2).shadow(5, seed=1) != kg.State(2).shadow(5, seed=2)
    assert kg.Optimizer("sgd") != kg.Optimizer("adam")
    assert kg.Circuit(1).density_matrix() != kg.Circuit(1).x(0).density_matrix()
    assert kg.Circuit(1).density_matrix() != kg.Circuit(1).density_matrix(precision="single")
    assert kg.compile_noisy(BELL, "ZZ") != kg.compile_noisy(BELL, "XX")
    for value in (BELL.run(5), kg.Optimizer(), kg.Circuit(1).density_matrix()):
        assert value != "something else"
        with pytest.raises(TypeError, match="unhashable"):
            hash(value)


def test_an_optimizer_goes_on_from_its_pickle() -> None:
    optimizer = stepped_optimizer()
    other = pickle.loads(pickle.dumps(optimizer))
    for _ in range(5):
        np.testing.assert_array_equal(
            optimizer.step([0.5, 0.6], [0.1, -0.2]), other.step([0.5, 0.6], [0.1, -0.2])
        )
