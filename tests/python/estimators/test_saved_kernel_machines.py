"""Kernel machines saved and loaded predict the same bits; damaged files are refused."""

import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import ketgrad as kg
from damaged_files import replaced
from ketgrad import QSVC, QSVR, QGPClassifier, QGPRegressor, QKernelRidge, QNystroem

ESTIMATORS = [QSVC, QSVR, QKernelRidge, QNystroem, QGPClassifier, QGPRegressor]


def fitted(cls, moons, sine, **params):
    data = sine if cls in (QSVR, QKernelRidge, QGPRegressor) else moons
    return cls(random_state=0, **params).fit(*data), data[0]


def outputs(model, X):
    for name in ("transform", "decision_function", "predict"):
        if hasattr(model, name):
            return getattr(model, name)(X)
    raise AssertionError(model)


@pytest.mark.parametrize("cls", ESTIMATORS)
@pytest.mark.parametrize(
    "params", [{}, {"kernel": "projected", "precision": "single"}, {"ansatz": None}]
)
def test_saved_estimators_predict_the_same_bits(moons, sine, tmp_path, cls, params):
    model, X = fitted(cls, moons, sine, **params)
    model.save(tmp_path / "model.json")
    loaded = kg.load(tmp_path / "model.json")
    assert type(loaded) is cls
    assert loaded.get_params() == model.get_params()
    np.testing.assert_array_equal(outputs(loaded, X), outputs(model, X))
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(outputs(again, X), outputs(model, X))


def test_three_string_classes_are_saved(iris, tmp_path):
    X, y = iris
    layer = kg.Circuit(4).ry(kg.Parameter("a"), 0).cx(0, 1).cx(1, 2).cx(2, 3)
    model = QSVC(ansatz=layer, class_weight="balanced", random_state=0).fit(X, y)
    model.save(tmp_path / "model.json")
    loaded = kg.load(tmp_path / "model.json")
    assert loaded.ansatz == layer
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    np.testing.assert_array_equal(loaded.decision_function(X), model.decision_function(X))


def test_what_has_no_json_form_is_refused(moons, tmp_path):
    model = QSVC(class_weight={0: 1.0, 1: 2.0}).fit(*moons)
    model.save(tmp_path / "weighted.json")
    assert kg.load(tmp_path / "weighted.json").class_weight == {0: 1.0, 1: 2.0}
    (tmp_path / "weighted.json").unlink()
    model.class_weight = {0j: 1.0}
    with pytest.raises(ValueError, match=r"the class 0j in class_weight has no JSON form"):
        model.save(tmp_path / "model.json")
    with pytest.raises(NotFittedError):
        QSVC().save(tmp_path / "model.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("circuit",), None, "'circuit' is missing"),
        (("circuit",), {}, "damaged"),
        (("fitted", "weights"), [0.1], r"1 weight\(s\) for a circuit that has"),
        (("fitted", "weights"), [["a"]], "weights_ is not a finite array"),
        (("fitted", "dual_coef"), [[1.0]], "coefficients do not fit"),
        (("fitted", "n_support"), [1, 1], "coefficients do not fit"),
        (("fitted", "intercept"), [1.0, 2.0], "coefficients do not fit"),
        (("fitted", "support_angles"), [[0.1]], "2 features"),
        (("fitted", "support_angles"), "x", "support_angles_"),
        (("fitted", "gamma"), "x", "'x' is not a finite number"),
        (("fitted", "classes", "values"), [1], "damaged"),
        (("fitted",), [], "damaged"),
    ],
)
def test_hostile_files_are_refused(moons, tmp_path, keys, value, message):
    path = tmp_path / "model.json"
    QSVC(random_state=0).fit(*moons).save(path)
    path.write_text(replaced(path.read_text(), keys, value))
    with pytest.raises(ValueError, match=message):
        kg.load(path)
