"""Saved documents with one node of their JSON damaged: each must be refused, or work once loaded.

`subjects` makes a document of every kind that is saved, with how it is read and then used.
`damages` goes through all damages of every node; `random_damage` draws one, for long campaigns:

    for kind, subject in subjects().items():
        verdict(subject, random_damage(subject.document, rng))  # "refused" or "works"
"""

import contextlib
import copy
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import ketgrad as kg

# What a node may be replaced by: every type of JSON, with numbers at and beyond the limits.
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    3,
    0.5,
    -2.5,
    1e-320,
    1e100,
    2**31,
    2**63,
    -(2**63),
    10**30,
    "",
    "x",
    "0",
    [],
    {},
    [0],
    [[]],
    {"a": 1},
)
KEYS: tuple[str, ...] = ("", "x", "version")

Path_ = tuple[str | int, ...]


def nodes(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Go through the paths of all nodes, parents first."""
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from nodes(item, (*path, key))


def _edits(document: Any, path: Path_) -> list[tuple[str, Callable[[Any, Any], None]]]:
    """List the damages of one node as functions of a copy of its parent and its key."""

    def replace(value: Any) -> Callable[[Any, Any], None]:
        return lambda parent, key: parent.__setitem__(key, copy.deepcopy(value))

    node = document
    for key in path:
        node = node[key]
    edits = [("replaced by " + repr(v), replace(v)) for v in VALUES]
    edits.append(("deleted", lambda parent, key: parent.__delitem__(key)))
    if isinstance(path[-1], int):
        edits.append(("doubled", lambda parent, key: parent.insert(key, copy.deepcopy(node))))
        edits.append(("put first", lambda parent, key: parent.insert(0, parent.pop(key))))
    else:
        edits += [
            (f"renamed {k!r}", lambda parent, key, k=k: parent.__setitem__(k, parent.pop(key)))
            for k in KEYS
        ]
    if isinstance(node, bool):
        edits.append(("turned", replace(not node)))
    elif isinstance(node, int | float):
        edits += [("next", replace(node + 1)), ("negative", replace(-node))]
    elif isinstance(node, list):
        edits += [("reversed", replace(node[::-1])), ("twice", replace(node + node))]
        edits.append(("halved", replace(node[: len(node) // 2])))
    elif isinstance(node, str):
        edits += [("longer", replace(node + "x")), ("shorter", replace(node[:-1]))]
    return edits


def _applied(document: Any, path: Path_, edit: Callable[[Any, Any], None]) -> Any:
    out = copy.deepcopy(document)
    parent = out
    for key in path[:-1]:
        parent = parent[key]
    edit(parent, path[-1])
    return out


def replaced(text: str, path: Path_, value: Any) -> str:
    """Put a value in the place of one node of a document; None deletes the node."""

    def edit(parent: Any, key: Any) -> None:
        if value is None:
            del parent[key]
        else:
            parent[key] = value

    return json.dumps(_applied(json.loads(text), path, edit))


def damages(document: Any) -> Iterator[tuple[str, Any]]:
    """Go through all damaged copies, each with what was done."""
    for path in nodes(document):
        if path:
            for name, edit in _edits(document, path):
                yield f"{'.'.join(map(str, path))} {name}", _applied(document, path, edit)


def random_damage(document: Any, rng: random.Random) -> tuple[str, Any]:
    """Draw one damaged copy, with what was done: a node of any depth, then a damage of it."""
    path: Path_ = ()
    node = document
    while isinstance(node, dict | list) and node and not (path and rng.random() < 0.25):
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        path, node = (*path, key), node[key]
    name, edit = rng.choice(_edits(document, path))
    return f"{'.'.join(map(str, path))} {name}", _applied(document, path, edit)


@dataclass(frozen=True)
class Subject:
    """A kind of document: one of it, how it is read, and what has to work with what was read."""

    document: Any
    load: Callable[[str], Any]
    use: Callable[[Any], None]


def verdict(subject: Subject, damaged: Any) -> str:
    """Return "refused" or "works"; anything else raises, naming nothing: the caller knows what.

    To be refused is to raise ValueError (or MemoryError, for what would be too large) on loading.
    """
    try:
        loaded = subject.load(json.dumps(damaged))
    except (ValueError, MemoryError):
        return "refused"
    subject.use(loaded)
    return "works"


def _load_estimator(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_text(text)
        return kg.load(path)


def _saved(estimator: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        estimator.save(path)
        return json.loads(path.read_text())


X = np.array([[0.1, -0.4], [0.5, 0.2], [-0.3, 0.9], [0.8, -0.7], [0.0, 0.6], [-0.9, -0.1]])
LABELS = np.array(["a", "b", "c", "a", "b", "c"])
NUMBERS = X[:, 0] + X[:, 1] ** 2


def _use_estimator(estimator: Any) -> None:
    for name in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(estimator, name):
            out = getattr(estimator, name)(X)
            assert len(out) == len(X), name
            assert out.dtype.kind in "OUSbiu" or not np.isnan(out).any(), name
    repr(estimator)
    if hasattr(estimator, "loss_curve_") and hasattr(estimator, "n_iter_"):
        assert len(estimator.loss_curve_) == estimator.n_iter_
    assert _load_estimator(json.dumps(_saved(estimator))).get_params().keys()


def _use_model(model: kg.Model) -> None:
    assert model.outputs(np.zeros((2, model.n_inputs))).shape == (2, model.n_outputs)
    model.to_json()


def _use_trainer(trainer: kg.Trainer) -> None:
    model = trainer.model
    inputs, targets = np.zeros((2, model.n_inputs)), np.zeros((2, model.n_outputs))
    _use_model(model)
    assert isinstance(trainer.history, list)
    trainer.is_fit_of(inputs, targets)
    trainer.step_epoch(inputs, targets)
    kg.Trainer.from_json(trainer.to_json())


def _use_program(program: kg.Program) -> None:
    inputs = np.zeros((1, len(program.inputs))) if program.inputs else None
    state = program.state(inputs, np.full(len(program.weights), 0.1))
    assert np.isfinite(state).all()
    program.to_json()


def _use_circuit(circuit: kg.Circuit) -> None:
    circuit.draw()
    kg.Circuit.from_json(circuit.to_json())


def _load_optimizer(text: str) -> kg.Optimizer:
    optimizer = kg.Optimizer.__new__(kg.Optimizer)
    optimizer.__setstate__((text,))
    return optimizer


def _use_optimizer(optimizer: kg.Optimizer) -> None:
    repr(optimizer)
    with contextlib.suppress(ValueError):  # it may remember another number of parameters
        optimizer.step([0.1, -0.2, 0.3], [1.0, 0.5, -0.5])
    assert _load_optimizer(optimizer.__getstate__()[0]) == optimizer


def subjects() -> dict[str, Subject]:
    """Make a document of every kind."""
    options = {"n_layers": 1, "max_iter": 2, "tol": 0.0, "random_state": 0}
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2).ry(x[0], 0).ry(2 * x[1], 1).rx(w[0], 0).crz(w[1], 0, 1)
    program = kg.compile(circuit, ["ZI", {"XX": 0.5, "IZ": 1.0}], inputs=x)
    trainer = kg.Trainer(kg.make_model(2, n_layers=1), loss="squared", epochs=2, seed=0)
    trainer.step_epoch(X, NUMBERS)
    optimizer = kg.Optimizer("adam", learning_rate=0.1)
    optimizer.step([0.1, -0.2, 0.3], [1.0, 0.5, -0.5])
    own = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1)
    classifier = kg.VQClassifier(own, batch_size=3, observables=["ZI", "IZ", "XX"], **options)
    kernel = {"n_layers": 1, "random_state": 0}
    estimators = {
        "VQClassifier": classifier.partial_fit(X, LABELS, classes=["a", "b", "c"]),
        "VQClassifier of two": kg.VQClassifier(**options).fit(X, X[:, 0] > 0),
        "VQRegressor": kg.VQRegressor(**options).fit(X, NUMBERS),
        "QSVC": kg.QSVC(**kernel).fit(X, LABELS),
        "QSVC of two": kg.QSVC(kernel="projected", **kernel).fit(X, X[:, 0] > 0),
        "QSVR": kg.QSVR(**kernel).fit(X, NUMBERS),
        "QKernelRidge": kg.QKernelRidge(kernel="projected", **kernel).fit(X, NUMBERS),
        "QGPClassifier": kg.QGPClassifier(**kernel).fit(X, LABELS),
        "QGPRegressor": kg.QGPRegressor(kernel="projected", **kernel).fit(X, NUMBERS),
        "QNystroem": kg.QNystroem(n_components=3, **kernel).fit(X),
        "QReservoir": kg.QReservoir(n_qubits=2, n_virtual=2, random_state=0).fit(X),
        "VQMetricLearner": kg.VQMetricLearner(n_steps=2, n_qubits=1, **kernel).fit(X, LABELS),
    }
    return {
        **{
            name: Subject(_saved(estimator), _load_estimator, _use_estimator)
            for name, estimator in estimators.items()
        },
        "Optimizer": Subject(
            json.loads(optimizer.__getstate__()[0]), _load_optimizer, _use_optimizer
        ),
        "Trainer": Subject(json.loads(trainer.to_json()), kg.Trainer.from_json, _use_trainer),
        "Model": Subject(json.loads(trainer.model.to_json()), kg.Model.from_json, _use_model),
        "Program": Subject(json.loads(program.to_json()), kg.Program.from_json, _use_program),
        "Circuit": Subject(json.loads(circuit.to_json()), kg.Circuit.from_json, _use_circuit),
    }
