"""Estimators read numbers by the rule of the whole library: no text, no mask, no imaginary part."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.svm import SVR

import ketgrad as kg
from ketgrad import (
    QSVC,
    QSVR,
    QGPClassifier,
    QGPRegressor,
    QKernelRidge,
    QNystroem,
    VQClassifier,
    VQMetricLearner,
    VQRegressor,
)

X = np.random.default_rng(0).normal(size=(8, 2))
Y = np.arange(8) % 2
TRAINED = {"random_state": 0, "max_iter": 3, "tol": 0, "n_layers": 1}
ESTIMATORS = [
    VQClassifier(**TRAINED),
    VQRegressor(**TRAINED),
    QSVC(n_layers=1, random_state=0),
    QSVR(n_layers=1, random_state=0),
    QKernelRidge(n_layers=1, random_state=0),
    QGPClassifier(n_layers=1, random_state=0),
    QGPRegressor(n_layers=1, random_state=0),
]
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)


def ones(dtype):
    return np.ones(8).astype(dtype)


MASKED = np.ma.masked_array(np.ones(8), mask=Y)
NO_WEIGHTS = [
    (MASKED, "sample_weight is a masked array"),
    ([1.0] * 7 + [np.ma.masked], "sample_weight is a masked array"),
    (ones(str), "sample_weight must be real numbers, got an array of <U"),
    (["1"] * 8, "sample_weight must be real numbers, got an array of <U1"),
    (ones(str).astype(object), r"an array of object with '1.0' \(str\)"),
    (ones("timedelta64[s]"), "an array of timedelta64"),
    (ones(complex) + 1j, "which has an imaginary part"),
]


@every_estimator
@pytest.mark.parametrize(("weight", "message"), NO_WEIGHTS)
def test_weights_are_numbers(estimator, weight, message):
    fresh = type(estimator)(**estimator.get_params())
    with pytest.raises(TypeError, match=message):
        fresh.fit(X, Y, weight)
    with pytest.raises(NotFittedError):
        fresh.predict(X)
    fresh.fit(X, Y)
    with pytest.raises(TypeError, match=message):
        fresh.score(X, Y, weight)
    if hasattr(fresh, "partial_fit"):
        with pytest.raises(TypeError, match=message):
            fresh.partial_fit(X, Y, sample_weight=weight)


@every_estimator
def test_weights_are_any_numbers(estimator):
    weight = 1.0 + Y
    expected = estimator.fit(X, Y, weight).score(X, Y, weight)
    for same in (weight.tolist(), weight.astype(object), weight + 0j, weight.astype(np.float32)):
        assert estimator.fit(X, Y, same).score(X, Y, same) == pytest.approx(expected)


@every_estimator
def test_features_are_numbers(estimator):
    estimator.fit(X, Y)
    for call in (estimator.predict, lambda x: estimator.score(x, Y), lambda x: estimator.fit(x, Y)):
        for text in (X.astype(str), X.astype(str).tolist(), X.astype(str).astype(object)):
            with pytest.raises(TypeError, match="X must be real numbers"):
                call(text)
        with pytest.raises(TypeError, match="X is a masked array"):
            call([np.ma.masked_array(row) for row in X])


@every_estimator
def test_masked_targets_are_refused(estimator):
    with pytest.raises(TypeError, match="y is a masked array"):
        estimator.fit(X, np.ma.masked_array(Y))
    with pytest.raises(TypeError, match="y is a masked array"):
        estimator.fit(X, Y).score(X, np.ma.masked_array(Y))
    with pytest.raises(TypeError, match="y is a masked array"):
        kg.target_kernel(np.ma.masked_array(Y))


@pytest.mark.parametrize(
    "estimator", [VQRegressor(**TRAINED), QSVR(), QKernelRidge(), QGPRegressor(random_state=0)]
)
def test_targets_of_a_regression_are_numbers(estimator):
    for text in (Y.astype(str), Y.astype(str).astype(object)):
        with pytest.raises(TypeError, match="y must be real numbers"):
            estimator.fit(X, text)
        with pytest.raises(TypeError, match="y must be real numbers"):
            estimator.fit(X, Y).score(X, text)


# Parameters.

HALVES = [
    np.complex128(0.5),
    0.5 + 0j,
    np.array(0.5),
    Decimal("0.5"),
    Fraction(1, 2),
    np.float16(0.5),
]
REALS = [
    (VQRegressor, ["learning_rate", "validation_fraction", "tol", "init_spread"]),
    (QSVC, ["gamma", "C", "tol"]),
    (QSVR, ["gamma", "C", "tol", "epsilon"]),
    (QKernelRidge, ["gamma", "alpha"]),
    (QNystroem, ["gamma"]),
    (QGPClassifier, ["gamma", "bandwidth", "variance"]),
    (QGPRegressor, ["gamma", "bandwidth", "variance", "noise"]),
]
EVERY_REAL = [(cls, name) for cls, names in REALS for name in names]


def fitted(cls, **params):
    given = {"random_state": 0, "n_layers": 1, **params}
    if cls is VQRegressor:
        given = {"max_iter": 3, "early_stopping": True, "validation_fraction": 0.3, **given}
    given |= {"kernel": "projected"} if "gamma" in params else {}
    return cls(**given).fit(X, Y)


def outputs(model):
    return model.transform(X) if isinstance(model, QNystroem) else model.predict(X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("cls", "name"), EVERY_REAL)
def test_a_parameter_of_one_half_is_one_half(cls, name, tmp_path):
    expected = outputs(fitted(cls, **{name: 0.5}))
    for half in HALVES:
        model = fitted(cls, **{name: half})
        np.testing.assert_array_equal(outputs(model), expected)
        model.save(tmp_path / "model.json")
        np.testing.assert_array_equal(outputs(kg.load(tmp_path / "model.json")), expected)


@pytest.mark.parametrize(("cls", "name"), EVERY_REAL)
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.complex128(0.3 + 1j), r"=\(0.3\+1j\), which has an imaginary part; it must be "),
        (0.3j, "=0.3j, which has an imaginary part; it must be "),
        (np.ma.masked, "=masked, which is masked, and its mask would be lost; it must be "),
        (np.ma.masked_array(0.3), r"=masked_array\(.*which is masked"),
        (np.array("0.3"), "='0.3', which is no number; it must be "),
        (True, "=True; it must be "),
    ],
)
def test_a_parameter_that_is_no_number_is_named(cls, name, value, message):
    with pytest.raises(TypeError, match=f"(?s)^{name}{message}"):
        fitted(cls, **{name: value})


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_sizes_are_whatever_is_an_integer():
    sizes = {"n_layers": 2, "batch_size": 4, "max_iter": 3, "n_iter_no_change": 2, "n_qubits": 2}
    expected = VQRegressor(random_state=0, **sizes).fit(X, Y).predict(X)
    for make in (np.int8, np.uint64, np.array):
        same = {name: make(value) for name, value in sizes.items()}
        np.testing.assert_array_equal(
            VQRegressor(random_state=0, **same).fit(X, Y).predict(X), expected
        )
    kernel = {"n_layers": np.array(2), "alignment_steps": np.array(2)}
    QSVC(random_state=0, **kernel).fit(X, Y).predict(X)
    assert QNystroem(n_components=np.array(3)).fit(X).transform(X).shape == (8, 3)
    with pytest.raises(
        TypeError,
        match=r"n_layers=masked, which is masked, .*; it must be an integer of at least 1",
    ):
        QSVC(n_layers=np.ma.masked).fit(X, Y)


# Rows.

ANGLES = {"feature_map": "amplitude", "input_scaling": None, "n_layers": 1}
ROWS = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 1.0], [1.0, 3.0], [0.0, 0.0], [1.0, 1.0]])


@pytest.mark.parametrize("cls", [*map(type, ESTIMATORS)])
def test_errors_name_the_row_that_was_given(cls):
    labels = [0, 1, 0, 1, 0, 1]
    for weight in (None, [1.0] * 6, [0, 1, 0, 1, 1, 1]):
        with pytest.raises(ValueError, match="have norm 0 in sample 4;"):
            cls(**ANGLES).fit(ROWS, labels, weight)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cls", [QNystroem, VQMetricLearner])
def test_errors_name_the_row_that_was_given_where_rows_are_drawn(cls, seed):
    with pytest.raises(ValueError, match="have norm 0 in sample 4;"):
        cls(**ANGLES, random_state=seed).fit(ROWS, [0, 1, 0, 1, 0, 1])


@pytest.mark.parametrize("seed", range(4))
def test_alignment_names_the_row_that_was_given(seed):
    circuit = kg.amplitude_map(2)
    inputs = circuit.parameters
    program = kg.compile(circuit.ry(kg.Parameter("w"), 0), inputs=inputs)
    with pytest.raises(ValueError, match="have norm 0 in sample 4;"):
        kg.align_kernel(program, ROWS, np.eye(6), [0.1], batch_size=3, n_steps=50, seed=seed)


# No support vectors.


@pytest.mark.parametrize("kernel", ["fidelity", "projected"])
@pytest.mark.parametrize(("y", "epsilon"), [(np.full(8, 3.0), 0.1), (np.arange(8.0), 100.0)])
def test_without_support_vectors_the_constant_is_predicted(kernel, y, epsilon, tmp_path):
    model = QSVR(kernel=kernel, epsilon=epsilon, random_state=0).fit(X, y)
    assert len(model.support_) == 0
    expected = SVR(epsilon=epsilon).fit(X, y).predict(X)
    np.testing.assert_allclose(model.predict(X), expected)
    with pytest.raises(ValueError, match="3 features"):
        model.predict(np.zeros((2, 3)))
    model.save(tmp_path / "model.json")
    np.testing.assert_array_equal(kg.load(tmp_path / "model.json").predict(X), model.predict(X))


# Paths.


@pytest.mark.parametrize(
    "call",
    [
        lambda: kg.load(""),
        lambda: QSVR().fit(X, Y).save(""),
        lambda: kg.State(1).save(""),
        lambda: kg.State.load(""),
    ],
)
def test_a_path_must_not_be_empty(call):
    with pytest.raises(ValueError, match=r"^the path of a file is ''$"):
        call()


def test_a_path_with_a_zero_character_is_named():
    path = "a\0b"
    model = kg.make_model(1)
    for call in (
        lambda: kg.load(path),
        lambda: QSVR().fit(X, Y).save(path),
        lambda: VQRegressor(**TRAINED, checkpoint=path).fit(X, Y),
        lambda: kg.Trainer(model, loss="squared").fit(X[:, :1], X[:, :1], checkpoint=path),
        lambda: kg.State(1).save(path),
        lambda: kg.State.load(path.encode()),
        lambda: kg.Circuit.from_qasm_file(path),
    ):
        with pytest.raises(ValueError, match=r"a\\x00b.* (has a|and has no) zero character"):
            call()
