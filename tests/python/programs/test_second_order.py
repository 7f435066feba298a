"""Metric tensors, Hessians, overlaps: shapes, known answers, errors, and what they cost."""

import numpy as np
import pytest

import ketgrad as kg


def layered(n_qubits: int = 3, n_layers: int = 2) -> kg.Program:
    x, w = kg.Parameter("x"), kg.ParameterVector("w", n_qubits * n_layers)
    circuit = kg.Circuit(n_qubits)
    for layer in range(n_layers):
        for q in range(n_qubits):
            circuit.ry(w[layer * n_qubits + q] * x, q)
        for q in range(n_qubits - 1):
            circuit.crx(w[layer * n_qubits + q], q, q + 1)
    return kg.compile(circuit, ["Z" + "I" * (n_qubits - 1), "X" * n_qubits], inputs="x")


WEIGHTS = np.linspace(-1, 2, 6)


def test_shapes() -> None:
    program = layered()
    one = {"inputs": [0.7], "weights": WEIGHTS}
    batch = {"inputs": [[0.7], [0.8], [0.9]], "weights": WEIGHTS}
    assert program.metric_tensor(**one).shape == (6, 6)
    assert program.metric_tensor(**batch, wrt="all").shape == (3, 7, 7)
    assert program.fisher(**one, wrt="inputs").shape == (1, 1)
    assert program.hessian(**one).shape == (2, 6, 6)
    assert program.hessian(**batch, cotangent=[1.0, 2.0]).shape == (3, 6, 6)
    assert program.hessian(**batch, wrt="all", of="probs").shape == (3, 8, 7, 7)
    assert program.hvp(WEIGHTS, **batch).shape == (3, 2, 6)
    assert program.hvp(WEIGHTS, **one, cotangent=[1.0, 2.0]).shape == (6,)


def test_metric_and_hessian_agree_with_each_other() -> None:
    """g = -1/2 of the Hessian of the fidelity with a fixed state, at that state."""
    program = layered()
    at = {"inputs": [0.7], "weights": WEIGHTS}
    state = program.state(**at)
    projector = kg.MatrixObservable(np.outer(state, state.conj()), [0, 1, 2])
    circuit = kg.Circuit(3)
    w = kg.ParameterVector("w", 6)
    for layer in range(2):
        for q in range(3):
            circuit.ry(w[layer * 3 + q] * 0.7, q)
        for q in range(2):
            circuit.crx(w[layer * 3 + q], q, q + 1)
    fidelity = kg.compile(circuit, projector)
    order = [fidelity.weights.index(name) for name in program.weights]
    weights = np.empty(6)
    weights[order] = WEIGHTS
    hessian = fidelity.hessian(weights=weights)[0]
    np.testing.assert_allclose(
        program.metric_tensor(**at), -hessian[np.ix_(order, order)] / 2, atol=1e-12
    )
    np.testing.assert_allclose(program.fisher(**at), 4 * program.metric_tensor(**at))


def test_hessian_is_the_derivative_of_the_gradient() -> None:
    program = layered()
    step = 1e-5
    got = program.hessian(inputs=[0.7], weights=WEIGHTS)
    for k in range(6):
        move = step * np.eye(6)[k]
        plus = program.jacobian(inputs=[0.7], weights=WEIGHTS + move)[1]
        minus = program.jacobian(inputs=[0.7], weights=WEIGHTS - move)[1]
        np.testing.assert_allclose(got[:, k], (plus - minus) / (2 * step), atol=1e-8)
    np.testing.assert_allclose(got, got.swapaxes(1, 2), atol=1e-12)
    np.testing.assert_allclose(
        program.hvp(WEIGHTS, inputs=[0.7], weights=WEIGHTS), got @ WEIGHTS, atol=1e-12
    )


def test_single_precision() -> None:
    circuit = kg.hardware_efficient(3, 2)
    double = kg.compile(circuit, "ZZZ")
    single = kg.compile(circuit, "ZZZ", precision="single")
    w = np.linspace(-1, 1, len(double.weights))
    np.testing.assert_allclose(
        single.metric_tensor(weights=w), double.metric_tensor(weights=w), atol=1e-5
    )
    np.testing.assert_allclose(single.hessian(weights=w), double.hessian(weights=w), atol=1e-4)
    with pytest.raises(ValueError, match="precision"):
        kg.overlap(single, double, a_weights=w, b_weights=w)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p, at: p.metric_tensor(**at, approx="blocks"), "'blocks'"),
        (lambda p, at: p.metric_tensor(**at, wrt="angles"), "'angles'"),
        (lambda p, at: p.hessian(**at, cotangent=[1.0]), "cotangent has 1"),
        (lambda p, at: p.hessian(**at, cotangent=[[1.0, 2.0]]), "one axis"),
        (lambda p, at: p.hessian(**at, of="variance"), "variance"),
        (lambda p, at: p.hvp([1.0], **at), "direction has 1"),
        (lambda p, at: p.hvp([np.nan] * 6, **at), "nan"),
        (lambda p, _: p.metric_tensor(inputs=[0.7], weights=[np.nan] * 6), "'w.0.'"),
    ],
)
def test_bad_arguments(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(layered(), {"inputs": [0.7], "weights": WEIGHTS})


def test_overlaps() -> None:
    program = layered()
    rows = np.array([WEIGHTS, WEIGHTS + 0.1, WEIGHTS - 0.2])
    a, b = {"inputs": [0.7], "weights": WEIGHTS}, {"inputs": [0.4], "weights": rows}
    both = {"a_inputs": [0.7], "a_weights": WEIGHTS, "b_inputs": [0.4], "b_weights": rows}
    expected = program.state(**b) @ program.state(**a).conj()
    np.testing.assert_allclose(kg.overlap(program, program, **both), expected, atol=1e-13)
    np.testing.assert_allclose(
        kg.fidelity(program, program, **both), np.abs(expected) ** 2, atol=1e-13
    )
    g = np.array([0.3, -1.0, 0.5])
    of_a, of_b = kg.fidelity_vjp(g, program, program, **both)
    assert of_a[0].shape == (1,)
    assert of_a[1].shape == (6,)
    assert of_b[0].shape == (3, 1)
    assert of_b[1].shape == (3, 6)
    step = 1e-6
    moved = {**both, "a_weights": WEIGHTS + step * np.eye(6)[2]}
    slope = g @ (kg.fidelity(program, program, **moved) - np.abs(expected) ** 2) / step
    np.testing.assert_allclose(of_a[1][2], slope, atol=1e-5)
    of_a, _ = kg.overlap_vjp(1j * g, program, program, **both)
    slope = (-1j * g @ (kg.overlap(program, program, **moved) - expected)).real / step
    np.testing.assert_allclose(of_a[1][2], slope, atol=1e-5)
    assert kg.overlap(program, program, a_inputs=[0.7], a_weights=WEIGHTS, b_inputs=[0.7],
                      b_weights=WEIGHTS).shape == ()  # fmt: skip
    with pytest.raises(ValueError, match="shape"):
        kg.fidelity_vjp(g[:2], program, program, **both)
