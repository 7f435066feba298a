"""Program.value_and_vjp with a loss in the place of the cotangent: one run, there and back."""

from __future__ import annotations

import numpy as np
import pytest

import ketgrad as kg


def program(n_qubits: int = 4, engine: str | None = None) -> kg.Program:
    circuit = kg.angle_map(n_qubits).compose(kg.strongly_entangling(n_qubits, 2))
    x = kg.ParameterVector("x", n_qubits)
    return kg.compile(circuit, ["Z0", "Z1 X2"], inputs=x, engine=engine)


def batch(prog: kg.Program, size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(size)
    return rng.normal(size=(size, len(prog.inputs))), rng.normal(size=len(prog.weights))


def contrast(values: np.ndarray) -> tuple[float, np.ndarray]:
    """The variance of each value over the batch: no sample's share is known without the others."""
    centred = values - values.mean(axis=0)
    return float(np.mean(centred**2)), 2 * centred / centred.size


@pytest.mark.parametrize("size", [1, 3, 8, 100])
@pytest.mark.parametrize("n_qubits", [3, 8, 13])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_loss_of_the_whole_batch_is_its_cotangent(size, n_qubits, threads):
    if n_qubits == 13 and size > 3:
        size = 5
    prog = program(n_qubits)
    x, w = batch(prog, size)
    before = kg.num_threads()
    kg.set_num_threads(threads)
    try:
        loss, by_inputs, by_weights = prog.value_and_vjp(contrast, x, w)
        values = prog.expval(x, w)
        expected, g = contrast(values)
        assert loss == pytest.approx(expected, abs=1e-14)
        expected_inputs, expected_weights = prog.vjp(g, x, w)
        np.testing.assert_allclose(by_inputs, expected_inputs, atol=1e-13)
        np.testing.assert_allclose(by_weights, expected_weights, atol=1e-13)
    finally:
        kg.set_num_threads(before)


def test_probabilities_of_some_qubits_and_weights_a_sample():
    prog = program()
    x, _ = batch(prog, 5)
    w = np.random.default_rng(1).normal(size=(5, len(prog.weights)))

    def loss(p: np.ndarray) -> tuple[float, np.ndarray]:
        assert p.shape == (5, 4)
        return float((p**2).sum()), 2 * p

    value, _, by_weights = prog.value_and_vjp(loss, x, w, of="probs", qubits=[0, 2])
    p = prog.probs(x, w, qubits=[0, 2])
    assert value == pytest.approx((p**2).sum())
    np.testing.assert_allclose(
        by_weights, prog.vjp(2 * p, x, w, of="probs", qubits=[0, 2])[1], atol=1e-13
    )


def test_it_is_called_once():
    calls = []
    prog = program()

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        calls.append(values.shape)
        return 0.5, np.ones_like(values)

    assert prog.value_and_vjp(loss, *batch(prog, 100))[0] == 0.5
    assert calls == [(100, 2)]


def test_a_loss_may_change_what_it_is_given():
    prog = program()
    x, w = batch(prog, 3)

    def overwrites(values: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = contrast(values)
        values[:] = np.nan
        return value, gradient

    found, expected = (prog.value_and_vjp(loss, x, w) for loss in (overwrites, contrast))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.nan, ValueError, "the loss is nan; it must be finite"),
        (-np.inf, ValueError, "the loss is -inf; it must be finite"),
        (np.zeros(3), ValueError, "the value of the loss is one number, got 3"),
        (1j, TypeError, "the value of the loss must be real numbers, .* an imaginary part"),
        ("a", TypeError, "the value of the loss must be real numbers"),
        (None, TypeError, "the value of the loss must be real numbers, .*None"),
    ],
)
def test_values_that_are_no_loss(value, error, message):
    prog = program()
    with pytest.raises(error, match=message) as caught:
        prog.value_and_vjp(lambda z: (value, z), *batch(prog, 3))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (lambda z: [0.0, z], r"a loss returns \(value, derivatives .*not \[0.0, array"),
        (lambda z: (0.0, z, z), r"a loss returns \(value, derivatives"),
        (lambda z: (0.0, z + 1j), "real numbers, .* which has an imaginary part"),
        (lambda z: (0.0, z + np.inf), "derivative 0 of the loss is inf"),
        (lambda z: (0.0, z.ravel()), r"must have shape \(3, 2\), got \(6,\)"),
        (lambda z: (0.0, np.ma.masked_array(z)), "which is masked"),
    ],
)
def test_results_that_are_no_derivatives(result, message):
    prog = program()
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        prog.value_and_vjp(result, *batch(prog, 3))
    assert "\n" not in str(caught.value)


def test_bad_losses_are_named():
    prog = program()
    x, w = batch(prog, 3)
    with pytest.raises(ValueError, match=r"returns \(value, derivatives by what it was given\)"):
        prog.value_and_vjp(lambda z: z, x, w)
    with pytest.raises(ValueError, match=r"must have shape \(3, 2\), got \(2,\)"):
        prog.value_and_vjp(lambda z: (0.0, z[0]), x, w)
    with pytest.raises(ValueError, match="derivative 0 of the loss is nan"):
        prog.value_and_vjp(lambda z: (0.0, z * np.nan), x, w)
    with pytest.raises(ValueError, match="no losses of 'state'"):
        prog.value_and_vjp(lambda z: (0.0, z), x, w, of="state")
    with pytest.raises(ZeroDivisionError):
        prog.value_and_vjp(lambda z: (1 / 0, z), x, w)
    value = prog.value_and_vjp(contrast, x, w)[0]  # it goes on as before
    assert value == pytest.approx(contrast(prog.expval(x, w))[0])
