"""Measurements inside of circuits: postselected, conditional, exact and by shots, every method."""

import warnings

import jax
import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp

DEVICES = ("default.qubit", "ketgrad.qubit")
METHODS = ("deferred", "tree-traversal")


def teleport(x, measured):
    qml.RY(x, wires=0)
    qml.Hadamard(1)
    qml.CNOT([1, 2])
    qml.CNOT([0, 1])
    qml.Hadamard(0)
    first, second = qml.measure(0), qml.measure(1)
    qml.cond(second, qml.X)(2)
    qml.cond(first, qml.Z)(2)
    return measured(first, second)


def selected(x, measured):
    """Postselect on a wire that is used again, and reset, and on one that is not."""
    qml.RY(x, wires=0)
    qml.CRX(0.7, wires=[0, 1])
    qml.RY(0.4, wires=2)
    first = qml.measure(0, postselect=1, reset=True)
    qml.RX(x, wires=0)
    qml.CNOT([0, 2])
    second = qml.measure(1, postselect=0)
    third = qml.measure(2)
    qml.cond(third & first, qml.RZ)(0.3 * x, wires=0)
    return measured(second, third)


EXACT = {
    "expectation": lambda *_: qml.expval(qml.Z(0) @ qml.X(2) + 0.5 * qml.Y(0)),
    "matrix": lambda *_: qml.expval(qml.Hermitian(np.diag([1.0, 2, -1, 0.5]), [2, 0])),
    "variance": lambda *_: qml.var(qml.Z(0) + 0.3 * qml.X(2)),
    "probabilities": lambda *_: qml.probs(wires=[2, 0]),
    "outcomes": lambda first, second: qml.probs(op=[first, second]),
    "of an outcome": lambda _, second: qml.expval(2 * second + 1),
    "variance of an outcome": lambda _, second: qml.var(second),
}
OF_STATES = {
    "density": lambda *_: qml.density_matrix(wires=[0]),
    "purity": lambda *_: qml.purity(wires=[2]),
}


def run(device, circuit, measured, x, method="deferred", **options):
    shots, wires = options.pop("shots", None), options.pop("wires", None)
    made = qml.device(device, wires=wires, seed=options.pop("seed", 1))
    node = qml.QNode(lambda x: circuit(x, measured), made, mcm_method=method, **options)
    return (qml.set_shots(node, shots) if shots else node)(x)


CASES = [(kind, method) for kind in EXACT for method in METHODS]
CASES += [(kind, "deferred") for kind in OF_STATES]  # by branches refused: test_refusals


@pytest.mark.parametrize("circuit", [teleport, selected])
@pytest.mark.parametrize(("kind", "method"), CASES)
def test_exact_values(circuit, kind, method):
    measured = {**EXACT, **OF_STATES}[kind]
    theirs = run("default.qubit", circuit, measured, 1.3)
    ours = run("ketgrad.qubit", circuit, measured, 1.3, method)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("kind", EXACT)
def test_a_batch(kind):
    x = np.array([0.4, 1.3, -2.0])
    for circuit in (teleport, selected):
        each = [run("default.qubit", circuit, EXACT[kind], one) for one in x]
        for method in METHODS:
            ours = run("ketgrad.qubit", circuit, EXACT[kind], x, method)
            np.testing.assert_allclose(ours, np.stack(each), atol=1e-12)


@pytest.mark.parametrize("circuit", [teleport, selected])
@pytest.mark.parametrize("kind", ["expectation", "probabilities", "variance", "purity"])
def test_derivatives(circuit, kind):
    measured = {**EXACT, **OF_STATES}[kind]
    x = pnp.array(1.3, requires_grad=True)

    def slope(device, method="best"):
        def value(x):
            return pnp.sum(pnp.sin(run(device, circuit, measured, x, diff_method=method)))

        return qml.grad(value)(x)

    np.testing.assert_allclose(slope("ketgrad.qubit"), slope("default.qubit"), atol=1e-10)


SELECTED = {
    "expectation": lambda: qml.expval(qml.Z(1)),
    "sum": lambda: qml.expval(qml.Z(1) @ qml.X(2) + 0.5 * qml.Y(1)),
    "variance": lambda: qml.var(qml.Z(1)),
    "probabilities": lambda: qml.probs(wires=[1, 2]),
}


@pytest.mark.parametrize("kind", SELECTED)
@pytest.mark.parametrize("p", [0.3, 1e-6, 1e-12])
def test_what_hardly_ever_happens_keeps_its_digits(kind, p):
    def rare(x, measured):
        qml.RX(2 * np.arcsin(np.sqrt(p)), wires=0)
        qml.RY(x, wires=1)
        qml.CNOT([0, 1])
        qml.RX(0.3 * x, wires=1)
        qml.CRY(x, wires=[1, 2])
        qml.measure(0, postselect=1)
        return measured()

    x = pnp.array(0.7, requires_grad=True)

    def both(device):
        value = lambda x: run(device, rare, SELECTED[kind], x)  # noqa: E731
        return value(x), qml.jacobian(value)(x)

    for ours, theirs in zip(both("ketgrad.qubit"), both("default.qubit"), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-8)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("kind", SELECTED)
@pytest.mark.parametrize("device", DEVICES)
def test_what_cannot_be_has_no_derivative_either(device, kind):
    def impossible(x, measured):
        qml.RY(x, wires=1)
        qml.measure(0, postselect=1)
        qml.CRY(x, wires=[1, 2])
        return measured()

    value = lambda x: run(device, impossible, SELECTED[kind], x)  # noqa: E731
    x = pnp.array(0.7, requires_grad=True)
    assert np.isnan(value(x)).all()
    assert np.isnan(qml.jacobian(value)(x)).all()


@pytest.mark.filterwarnings("ignore:invalid value")
def test_samples_of_a_batch_that_cannot_be_are_the_only_ones_without_derivative():
    def sometimes(x, measured):
        qml.RY(x, wires=0)
        qml.RX(x, wires=1)
        qml.measure(0, postselect=1)
        return measured()

    x = pnp.array([0.0, 0.7, 1.2], requires_grad=True)
    value = lambda x: run("ketgrad.qubit", sometimes, SELECTED["expectation"], x)  # noqa: E731
    slopes = np.diag(qml.jacobian(value)(x))
    assert np.isnan(slopes[0])
    np.testing.assert_allclose(slopes[1:], -np.sin(x[1:]), atol=1e-12)


def test_derivatives_in_jax():
    jax.config.update("jax_enable_x64", True)

    def value(device, x):
        return run(device, selected, EXACT["expectation"], x)

    for transform in (jax.grad, jax.jacfwd, lambda f: jax.jit(jax.grad(f))):
        theirs, ours = (transform(lambda x, d=d: value(d, x))(1.3) for d in DEVICES)
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


def test_postselection_of_density_matrices():
    theirs = run("default.qubit", selected, EXACT["expectation"], 1.3)
    ours = run("ketgrad.mixed", selected, EXACT["expectation"], 1.3, wires=6)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("circuit", [teleport, selected])
@pytest.mark.parametrize("kind", EXACT)
@pytest.mark.parametrize("method", [*METHODS, "one-shot"])
@pytest.mark.parametrize("mode", ["hw-like", "fill-shots"])
def test_shots(circuit, kind, method, mode):
    theirs = run("default.qubit", circuit, EXACT[kind], 1.3)
    options = {"postselect_mode": mode, "shots": 40_000}
    ours = run("ketgrad.qubit", circuit, EXACT[kind], 1.3, method, **options)
    assert np.shape(ours) == np.shape(theirs)
    np.testing.assert_allclose(ours, theirs, atol=0.05)


def test_outcomes_and_samples_are_of_the_same_shots():
    def measured(first, second):
        return (
            qml.sample([first, second]),
            qml.sample(wires=2),
            qml.counts(first),
            qml.counts([first, second], all_outcomes=True),
        )

    def circuit(x, measured):
        del x
        qml.Hadamard(0)
        first = qml.measure(0, reset=True)
        qml.Hadamard(0)
        second = qml.measure(0)
        qml.cond(first == second, qml.X)(2)
        return measured(first, second)

    for shots, parts in ((500, 1), ([100, 300, 100], 3)):
        found = run("ketgrad.qubit", circuit, measured, 0.0, None, shots=shots)
        for (outcomes, bits, single, both), size in zip(
            [found] if parts == 1 else found, np.atleast_1d(shots), strict=True
        ):
            assert outcomes.shape == (size, 2)
            np.testing.assert_array_equal(bits.ravel(), outcomes[:, 0] == outcomes[:, 1])
            assert single[1] == outcomes[:, 0].sum()
            assert sum(both.values()) == size
            assert both["11"] == (outcomes.sum(1) == 2).sum()


@pytest.mark.parametrize("method", [*METHODS, "one-shot"])
def test_shots_that_are_left_out(method):
    def circuit(x, measured):
        del x
        qml.RY(1.0, wires=0)
        qml.measure(0, postselect=1)
        return measured()

    def size(mode):
        options = {"postselect_mode": mode, "shots": 10_000}
        found = run("ketgrad.qubit", circuit, lambda: qml.sample(wires=0), 0, method, **options)
        return len(found)

    assert size("fill-shots") == 10_000
    assert size("hw-like") == pytest.approx(10_000 * np.sin(0.5) ** 2, abs=250)


def test_jax_has_a_row_for_every_shot():
    def circuit(x):
        qml.RY(x, wires=0)
        qml.measure(0, postselect=1)
        return qml.sample(wires=0)

    node = qml.QNode(circuit, qml.device("ketgrad.qubit", wires=1, seed=1))
    found = np.asarray(qml.set_shots(node, 1000)(jax.numpy.array(1.0))).ravel()
    assert found.shape == (1000,)
    assert set(found.tolist()) == {1, np.iinfo(np.int32).min}


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be(method):
    def circuit(x, measured):
        qml.RY(x, wires=0)
        qml.measure(0, postselect=1)
        return measured()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for measured in (lambda: qml.expval(qml.Z(1)), lambda: qml.probs(wires=[1])):
            assert np.isnan(run("ketgrad.qubit", circuit, measured, 0.0, method)).all()


def test_many_measurements_take_no_wires():
    def circuit(x, measured):
        for k in range(40):
            qml.RY(x, wires=k % 2)
            outcome = qml.measure(k % 2, reset=True)
            qml.cond(outcome, qml.X)((k + 1) % 2)
        return measured(outcome)

    found = run("ketgrad.qubit", circuit, qml.expval, 1.0, None, shots=2000)
    p = 0.0  # of a 1 on the wire that is measured next
    for _ in range(40):
        p = p * np.cos(0.5) ** 2 + (1 - p) * np.sin(0.5) ** 2
    assert found == pytest.approx(p, abs=0.06)


COMPUTED = {
    "sum": lambda m: sum(m),
    "weighted": lambda m: 2 - m[0] + 0.5 * m[1] - m[2] / 4,
    "weights of whole numbers": lambda m: 3 * m[0] - 2 * (0.75 * m[1]) + m[2],
    "product": lambda m: m[0] * m[1] + m[2],
    "comparison": lambda m: (m[0] == 1) + (m[1] < m[2]),
    "logic": lambda m: ~m[0] & (m[1] | m[2]),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("of", [qml.expval, qml.var])
@pytest.mark.parametrize("kind", COMPUTED)
def test_what_is_computed_from_outcomes(kind, of, method):
    def circuit(x, measured):
        for wire in range(3):
            qml.RY(x + 0.3 * wire, wires=wire)
        qml.CNOT([0, 2])
        return of(measured([qml.measure(wire) for wire in (1, 0, 2)]))

    theirs = run("default.qubit", circuit, COMPUTED[kind], 0.7)
    ours = run("ketgrad.qubit", circuit, COMPUTED[kind], 0.7, method)
    np.testing.assert_allclose(float(ours), float(theirs), atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_sums_of_many_outcomes_are_not_asked_one_by_one(method, monkeypatch):
    """The values of all combinations would be 2**14 calls and a matrix of 4 GiB."""

    def refuse(_):
        raise AssertionError("asked for all values")

    monkeypatch.setattr(qml.measurements.MeasurementProcess, "eigvals", refuse)
    n = 14

    def circuit(x, measured):
        for wire in range(n):
            qml.RY(x * (wire < 3), wires=wire)
        return measured(sum(qml.measure(wire) for wire in range(n)))

    mean = run("ketgrad.qubit", circuit, qml.expval, 0.7, method)
    assert float(mean) == pytest.approx(3 * np.sin(0.35) ** 2)
    if method == "tree-traversal":
        variance = run("ketgrad.qubit", circuit, qml.var, 0.7, method)
        assert float(variance) == pytest.approx(3 * (np.sin(0.7) / 2) ** 2)
