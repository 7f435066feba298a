"""How programs run: the choice can be seen, and forced."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import ketgrad as kg


def program(engine: str | None = None, n_qubits: int = 8, precision: str = "double") -> kg.Program:
    x = kg.ParameterVector("x", n_qubits)
    circuit = kg.angle_map(n_qubits).compose(kg.strongly_entangling(n_qubits, 2))
    return kg.compile(circuit, ["Z" * n_qubits, "X0 Y1"], x, precision=precision, engine=engine)


def batch(prog: kg.Program, size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(size)
    return rng.normal(size=(size, len(prog.inputs))), rng.normal(size=len(prog.weights))


@pytest.mark.parametrize("size", [1, 3, 20])
@pytest.mark.parametrize("engine", ["blocks", "stages", "tiles"])
def test_every_engine_gives_the_same_values_and_gradients(engine, size):
    prog, forced = program(), program(engine)
    x, w = batch(prog, size)
    assert forced.engine(size) == engine
    np.testing.assert_allclose(forced.expval(x, w), prog.expval(x, w), atol=1e-12)
    np.testing.assert_allclose(forced.probs(x, w), prog.probs(x, w), atol=1e-12)
    np.testing.assert_allclose(forced.state(x, w), prog.state(x, w), atol=1e-12)
    for found, expected in zip(forced.jacobian(x, w), prog.jacobian(x, w), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-11)
    g = np.ones((size, 2))
    for found, expected in zip(forced.vjp(g, x, w), prog.vjp(g, x, w), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-11)


@pytest.mark.parametrize("method", ["parameter-shift", "finite-diff"])
@pytest.mark.parametrize("engine", ["blocks", "stages", "tiles"])
def test_every_engine_runs_shifted_circuits(engine, method):
    prog, forced = program(n_qubits=6), program(engine, n_qubits=6)
    x, w = batch(prog, 2)
    exact = prog.jacobian(x, w)
    for found, expected in zip(forced.jacobian(x, w, diff_method=method), exact, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-7)


def test_the_choice_depends_on_qubits_samples_and_precision():
    assert [program(n_qubits=n).engine() for n in (5, 6, 12, 13)] == [
        "blocks",
        "stages",
        "stages",
        "tiles",
    ]
    assert program(n_qubits=6, precision="single").engine() == "blocks"
    assert program().engine(100) == "blocks"


def test_an_engine_is_pickled_with_its_program():
    assert pickle.loads(pickle.dumps(program("tiles"))).engine(100) == "tiles"
    assert pickle.loads(pickle.dumps(program())).engine(100) == "blocks"


def test_what_an_engine_cannot_run():
    with pytest.raises(ValueError, match="no engine 'gpu'; there is blocks, stages, tiles"):
        program("gpu")
    wide = program("blocks", n_qubits=13)
    with pytest.raises(ValueError, match=r"'blocks' cannot run this.*up to 12 qubits"):
        wide.engine()
    with pytest.raises(ValueError, match="'blocks' cannot run this"):
        wide.expval(*batch(wide, 1))
    with pytest.raises(ValueError, match=r"'stages' cannot run this.*6 qubits or more"):
        program("stages", n_qubits=3).engine()
    with pytest.raises(ValueError, match="a batch of 0 samples"):
        program().engine(0)


def test_finite_differences_name_the_sample():
    a = kg.Parameter("a")
    prog = kg.compile(kg.Circuit(1).rx(kg.log(a), 0), "Z", inputs="a")
    with pytest.raises(ValueError, match="in sample 1"):
        prog.jacobian([[1.0], [1e-9], [1.0]], diff_method="finite-diff")


@pytest.mark.parametrize("engine", ["blocks", "tiles"])
@pytest.mark.parametrize("method", ["adjoint", "parameter-shift", "finite-diff"])
def test_programs_without_angles(engine, method):
    prog = kg.compile(kg.Circuit(2).h(0), "ZZ", engine=engine)
    inputs, weights = prog.jacobian(diff_method=method)
    assert inputs.size == weights.size == 0
