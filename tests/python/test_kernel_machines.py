"""Estimators on quantum kernels: scikit-learn's own checks, then what only they have."""

import json
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_moons
from sklearn.exceptions import NotFittedError
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.utils.estimator_checks import parametrize_with_checks

import ketgrad as kg
from ketgrad import QSVC, QSVR, QKernelRidge, QNystroem
from ketgrad.estimators.rules import KERNEL_RULES, check_parameters

ESTIMATORS = [QSVC, QSVR, QKernelRidge, QNystroem]
KERNELS = ["fidelity", "projected"]


# One of the checks compares fits to 1e-7, which takes solvers that go on until they are that close.
@parametrize_with_checks([QSVC(tol=1e-9), QSVR(tol=1e-9), QKernelRidge(), QNystroem()])
def test_scikit_learn_checks(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # else the check of array API input skips itself
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.fixture(scope="module")
def moons():
    return make_moons(80, noise=0.1, random_state=0)


@pytest.fixture(scope="module")
def wave():
    X = np.random.default_rng(0).uniform(-3, 3, size=(80, 1))
    return X, np.sin(X[:, 0])


def fitted(cls, moons, wave, **params):
    data = wave if cls in (QSVR, QKernelRidge) else moons
    return cls(random_state=0, **params).fit(*data), data[0]


def outputs(model, X):
    for name in ("transform", "decision_function", "predict"):
        if hasattr(model, name):
            return getattr(model, name)(X)
    raise AssertionError(model)


# What they reach.


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_classifier_learns_iris_with_string_labels(iris, kernel):
    accuracy = cross_val_score(QSVC(kernel=kernel, C=10.0, random_state=0), *iris, cv=3)
    assert accuracy.mean() > 0.9


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("regressor", [QSVR(C=10.0), QKernelRidge(alpha=0.01)])
def test_regressors_learn_a_wave(wave, kernel, regressor):
    model = clone(regressor).set_params(kernel=kernel, random_state=0).fit(*wave)
    assert model.score(*wave) > 0.9


def test_landmarks_with_a_linear_model_learn_moons(moons):
    X, y = moons
    model = make_pipeline(QNystroem(n_components=20, random_state=0), LogisticRegression(C=100.0))
    assert model.fit(X, y).score(X, y) > 0.9


def test_pipeline_in_a_grid_search_on_two_processes(iris):
    X, y = iris
    pipeline = make_pipeline(StandardScaler(), QSVC(random_state=0))
    grid = {"qsvc__C": [1.0, 10.0], "qsvc__kernel": KERNELS}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(X[::2], y[::2])
    assert search.best_score_ > 0.8
    assert search.predict(X[:1])[0] == "setosa"


# That they are scikit-learn's machines on ketgrad's kernels.


def kernels_of(model, X):
    prog = kg.compile(model.circuit_, inputs="x")
    angles = model._angles(X)
    if model.kernel == "fidelity":
        return kg.fidelity_kernel(prog, angles, weights=model.weights_)
    return kg.projected_kernel(prog, angles, weights=model.weights_, gamma=model.gamma_)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_classifier_is_an_svc(iris, kernel, n_classes):
    X, y = (part[: 50 * n_classes] for part in iris)
    model = QSVC(kernel=kernel, C=0.3, random_state=1).fit(X, y)
    K = kernels_of(model, X)
    svc = SVC(kernel="precomputed", C=0.3, break_ties=True).fit(K, y)
    np.testing.assert_allclose(model.decision_function(X), svc.decision_function(K), atol=1e-9)
    np.testing.assert_array_equal(model.predict(X), svc.predict(K))


def test_regressors_are_those_of_scikit_learn(wave):
    X, y = wave
    for model, solver in [
        (QSVR(C=2.0, epsilon=0.01), SVR(kernel="precomputed", C=2.0, epsilon=0.01)),
        (QKernelRidge(alpha=0.1), KernelRidge(kernel="precomputed", alpha=0.1)),
    ]:
        model.set_params(random_state=1).fit(X, y)
        K = kernels_of(model, X)
        np.testing.assert_allclose(model.predict(X), solver.fit(K, y).predict(K), atol=1e-9)


def test_all_landmarks_give_the_kernel_back(moons):
    X = moons[0][:30]
    model = QNystroem(n_components=50, random_state=0)
    Z = model.fit_transform(X)
    assert Z.shape == (30, 30)
    np.testing.assert_allclose(Z @ Z.T, kernels_of(model, X), atol=1e-6)
    few = clone(model).set_params(n_components=12).fit(X)
    assert few.transform(X).shape == (30, 12)
    assert list(few.get_feature_names_out())[:2] == ["qnystroem0", "qnystroem1"]
    error = few.transform(X) @ few.transform(X).T - kernels_of(few, X)
    assert np.abs(error).mean() < 0.1


# Architectures and parameters.


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


@pytest.mark.parametrize("cls", [QSVC, QSVR, QKernelRidge])
def test_alignment_trains_the_weights(moons, cls):
    X, y = moons
    plain, aligned = (cls(random_state=0, alignment_steps=steps).fit(X, y) for steps in (0, 20))
    target = kg.target_kernel(y)
    before, after = (
        kg.kernel_target_alignment(kernels_of(model, X), target) for model in (plain, aligned)
    )
    assert after > before + 0.05
    again = clone(aligned).fit(X, y)
    np.testing.assert_array_equal(again.weights_, aligned.weights_)


def test_alignment_of_many_samples_sees_parts():
    X, y = make_moons(200, noise=0.1, random_state=0)
    plain, aligned = (QSVC(random_state=0, alignment_steps=n).fit(X, y) for n in (0, 20))
    target = kg.target_kernel(y)
    before, after = (
        kg.kernel_target_alignment(kernels_of(model, X), target) for model in (plain, aligned)
    )
    assert after > before


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


def test_bad_parameters_of_the_others_are_named(moons, wave):
    with pytest.raises(ValueError, match="epsilon=-1"):
        QSVR(epsilon=-1).fit(*wave)
    with pytest.raises(ValueError, match="alpha=-1"):
        QKernelRidge(alpha=-1).fit(*wave)
    with pytest.raises(ValueError, match="n_components=0"):
        QNystroem(n_components=0).fit(*moons)
    with pytest.raises(ValueError, match="one class"):
        QSVC().fit(moons[0], np.zeros(80))


def test_every_parameter_has_a_row_of_checks():
    names = [set(cls().get_params()) for cls in ESTIMATORS]
    assert set(KERNEL_RULES) == set.union(*names)
    for cls in ESTIMATORS:
        check_parameters(cls().get_params(), KERNEL_RULES)


# Save and load.


@pytest.mark.parametrize("cls", ESTIMATORS)
@pytest.mark.parametrize(
    "params", [{}, {"kernel": "projected", "precision": "single"}, {"ansatz": None}]
)
def test_saved_estimators_predict_the_same_bits(moons, wave, tmp_path, cls, params):
    model, X = fitted(cls, moons, wave, **params)
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
    with pytest.raises(ValueError, match=r"class_weight=.* has no JSON form"):
        model.save(tmp_path / "model.json")
    with pytest.raises(NotFittedError):
        QSVC().save(tmp_path / "model.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("circuit",), None, "'circuit' is missing"),
        (("circuit",), {}, "damaged"),
        (("fitted", "weights"), [0.1], "1 weights for a circuit that has"),
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
    document = json.loads(path.read_text())
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    if value is None:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = value
    path.write_text(json.dumps(document))
    with pytest.raises(ValueError, match=message):
        kg.load(path)
