"""Parameters of kernel machines: circuits, seeds, weights, and what is refused."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import ketgrad as kg
from ketgrad import QSVC, QSVR, QGPClassifier, QGPRegressor, QKernelRidge, QNystroem
from ketgrad.estimators.rules import KERNEL_RULES, check_parameters

ESTIMATORS = [QSVC, QSVR, QKernelRidge, QNystroem, QGPClassifier, QGPRegressor]


def test_circuits_follow_the_parameters(moons):
    X, y = moons
    iqp = QSVC("iqp", None, n_layers=3).fit(X, y)
    assert iqp.circuit_ == kg.iqp_map(2, reps=3)
    assert len(iqp.weights_) == 0
    own = kg.Circuit(2).ry(kg.Parameter("x[0]"), 0).rx(kg.Parameter("x[1]"), 1)
    layer = kg.Circuit(2).ry(kg.Parameter("a"), 0).cx(0, 1)
    model = QSVC(own, layer, n_layers=3).fit(X, y)
    assert len(model.weights_) == 3
    separable = QSVC(entangle=False).fit(X, y)
    assert "cx" not in separable.circuit_.count_gates()
    wide = QSVC(n_qubits=1, ansatz=None).fit(X, y)
    assert wide.circuit_.n_qubits == 1


def test_single_precision_predicts_alike(iris):
    X, y = iris
    double, single = (QSVC(precision=p, random_state=0).fit(X, y) for p in ("double", "single"))
    assert np.mean(double.predict(X) == single.predict(X)) > 0.98


def test_seeds_reproduce(moons):
    X, y = moons
    first, again, other = (QSVC(random_state=s).fit(X, y).decision_function(X) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_weight_zero_is_absence(moons):
    X, y = moons
    weight = np.arange(len(y)) % 2
    kept = weight > 0
    weighted = QSVC(random_state=0).fit(X, y, sample_weight=weight)
    removed = QSVC(random_state=0).fit(X[kept], y[kept])
    np.testing.assert_array_equal(weighted.decision_function(X), removed.decision_function(X))


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"kernel": "rbf"}, ValueError, "kernel='rbf'; it must be 'fidelity' or 'projected'"),
        ({"gamma": 0.0}, ValueError, "gamma=0.0"),
        ({"gamma": None}, TypeError, "gamma=None"),
        ({"n_layers": 0}, ValueError, "n_layers=0"),
        ({"ansatz": 3}, TypeError, "ansatz=3"),
        ({"C": 0}, ValueError, "C=0"),
        ({"class_weight": 3}, TypeError, "class_weight=3"),
        ({"tol": -1.0}, ValueError, "tol=-1.0"),
        ({"precision": "half"}, ValueError, "precision='half'"),
        ({"random_state": "seed"}, TypeError, "random_state='seed'"),
        ({"alignment_steps": -1}, ValueError, "alignment_steps=-1"),
        ({"alignment_steps": 5, "ansatz": None}, ValueError, "ansatz=None has no weights"),
        ({"alignment_steps": 5, "kernel": "projected"}, ValueError, "not the projected one"),
        ({"feature_map": kg.Circuit(2).h(0)}, ValueError, "x\\[0\\] to x\\[1\\]"),
        ({"n_qubits": 3, "feature_map": "iqp"}, ValueError, "not in 3"),
    ],
)
def test_a_fit_that_fails_changes_nothing(moons, params, error, message):
    X, y = moons
    fresh = QSVC(**params)
    with pytest.raises(error, match=message):
        fresh.fit(X, y)
    with pytest.raises(NotFittedError):
        fresh.predict(X)
    model = QSVC(random_state=0).fit(X, y)
    before = dict(vars(model))
    model.set_params(**params)
    with pytest.raises(error, match=message):
        model.fit(X, 1 - y)
    after = {name: value for name, value in vars(model).items() if name not in params}
    assert after == {name: value for name, value in before.items() if name not in params}


def test_bad_parameters_of_the_others_are_named(moons, sine):
    with pytest.raises(ValueError, match="epsilon=-1"):
        QSVR(epsilon=-1).fit(*sine)
    with pytest.raises(ValueError, match="alpha=-1"):
        QKernelRidge(alpha=-1).fit(*sine)
    with pytest.raises(ValueError, match="n_components=0"):
        QNystroem(n_components=0).fit(*moons)
    with pytest.raises(ValueError, match="noise=0"):
        QGPRegressor(noise=0).fit(*sine)
    with pytest.raises(ValueError, match="bandwidth=-1"):
        QGPClassifier(bandwidth=-1).fit(*moons)
    with pytest.raises(TypeError, match="train_weights=2"):
        QGPClassifier(train_weights=2).fit(*moons)
    with pytest.raises(ValueError, match="one class"):
        QSVC().fit(moons[0], np.zeros(80))


def test_every_parameter_has_a_row_of_checks():
    names = [set(cls().get_params()) for cls in ESTIMATORS]
    assert set(KERNEL_RULES) == set.union(*names)
    for cls in ESTIMATORS:
        check_parameters(cls().get_params(), KERNEL_RULES)
