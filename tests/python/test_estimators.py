"""The estimators: scikit-learn's own checks, then what only a quantum model has."""

import inspect
import json
import pickle
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_moons
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import ketgrad as kg
from ketgrad import QSVC, QSVR, QKernelRidge, QNystroem, VQClassifier, VQRegressor
from ketgrad.estimators.rules import RULES, check_parameters


# The checks ask for 5 epochs, in which nothing converges.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([VQClassifier(), VQRegressor()])
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
    return X, 1e6 + 1e3 * np.sin(X[:, 0])


def small(**params):
    return VQClassifier(**{"n_layers": 2, "max_iter": 5, "tol": 0.0, "random_state": 0, **params})


# What the defaults reach.


def test_defaults_learn_iris_with_string_labels(iris):
    X, y = iris
    accuracy = cross_val_score(VQClassifier(random_state=0), X, y, cv=3)
    assert accuracy.mean() > 0.93


def test_defaults_learn_moons(moons):
    assert VQClassifier(random_state=0).fit(*moons).score(*moons) > 0.93


def test_regressor_copes_with_targets_of_any_scale(wave):
    assert VQRegressor(random_state=0).fit(*wave).score(*wave) > 0.95


@pytest.mark.parametrize("scale", [1e-290, 1e-160, 1e-9, 1e9, 1e160, 1e300])
def test_features_of_any_scale_give_the_same_model(moons, scale):
    X, y = moons
    expected = small().fit(X, y).predict_proba(X)
    np.testing.assert_allclose(small().fit(scale * X, y).predict_proba(scale * X), expected)


def test_features_at_the_limits_of_numbers_are_told_apart():
    largest, least = np.finfo(np.float64).max, np.finfo(np.float64).smallest_subnormal
    wide = largest / 32  # scikit-learn sums what it gets
    y = np.array([0, 1] * 10)
    for low, high in [(-wide, wide), (0.0, least), (1e200, 3e200), (-1e-200, 1e-200)]:
        X = np.where(y == 0, low, high)[:, None]
        model = small(max_iter=40).fit(X, y)
        assert model.score(X, y) == 1.0
        assert np.isfinite(model.input_scale_).all()
        assert np.isfinite(model.predict_proba([[largest], [-largest], [0.0]])).all()
    y = np.array([1e300, 3e300] * 10)
    regressor = VQRegressor(max_iter=60, tol=0, n_layers=1, random_state=0).fit(X, y)
    np.testing.assert_allclose(regressor.predict(X), y, rtol=0.1)


def test_outliers_stay_on_their_side(moons):
    X, y = moons
    model = small().fit(X, y)
    far, further = model.predict_proba([[1e3, 0.0], [1e6, 0.0]])
    np.testing.assert_array_equal(far, further)
    assert not np.allclose(far, model.predict_proba([[-1e6, 0.0]]))


def test_input_scaling_can_be_switched_off(moons):
    X, y = moons
    model = small(input_scaling=None).fit(X, y)
    np.testing.assert_array_equal(model.decision_function(X), model.model_.outputs(X)[:, 0])


# In scikit-learn's machinery.


def test_pipeline_in_a_grid_search_on_two_processes(iris):
    X, y = iris
    pipeline = make_pipeline(StandardScaler(), small(max_iter=15, learning_rate=0.2))
    search = GridSearchCV(pipeline, {"vqclassifier__n_layers": [1, 2]}, cv=2, n_jobs=2)
    search.fit(X[::2], y[::2])
    assert search.best_score_ > 0.8
    assert search.predict(X[:1])[0] == "setosa"


def test_parameters_that_are_circuits_clone_pickle_and_print(moons):
    model = small(feature_map=two_qubit_map(), ansatz=two_qubit_layer())
    assert "Circuit" in repr(model)
    fitted = clone(model).fit(*moons)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(moons[0]), fitted.predict_proba(moons[0]))


def test_seeds_reproduce(moons):
    X, y = moons
    first, again, other = (small(random_state=s, batch_size=8).fit(X, y) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    assert not np.allclose(first.predict_proba(X), other.predict_proba(X))


def test_data_frames_are_checked_by_name():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [0.0, 1.0, 0.1, 0.9], "b": [1.0, 0.0, 0.8, 0.2]})
    model = small().fit(frame, [0, 1, 0, 1])
    assert model.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a"]])


# Weights.


@pytest.mark.parametrize("batch_size", ["auto", 16])
def test_weight_zero_is_absence(moons, batch_size):
    X, y = moons
    weight = np.arange(len(y)) % 2
    kept = weight > 0
    weighted = small(batch_size=batch_size).fit(X, y, sample_weight=weight)
    removed = small(batch_size=batch_size).fit(X[kept], y[kept])
    np.testing.assert_allclose(weighted.predict_proba(X), removed.predict_proba(X))


def test_regressor_weights_are_repetitions(wave):
    X, y = wave
    weight = np.arange(len(y)) % 3
    model = VQRegressor(max_iter=10, tol=0, random_state=0)
    weighted = clone(model).fit(X, y, sample_weight=weight).predict(X)
    repeated = clone(model).fit(X.repeat(weight, axis=0), y.repeat(weight)).predict(X)
    np.testing.assert_allclose(weighted, repeated)


@pytest.mark.parametrize("model", [small(), VQRegressor(max_iter=5, tol=0.0), QSVC(), QSVR()])
@pytest.mark.parametrize("container", [list, np.asarray])
def test_a_number_is_the_weight_of_all_samples(moons, model, container):
    X, y = (container(part.tolist()) for part in moons)
    weighted = clone(model).set_params(random_state=0).fit(X, y, sample_weight=2.0)
    listed = clone(model).set_params(random_state=0).fit(X, y, sample_weight=[2.0] * 80)
    np.testing.assert_array_equal(weighted.predict(X), listed.predict(X))
    assert weighted.score(X, y, sample_weight=2.0) == pytest.approx(weighted.score(X, y))
    with pytest.raises(ValueError, match="sample_weight"):
        weighted.score(X, y, sample_weight=[1.0, 2.0])


@pytest.mark.parametrize("weight", [-1.0, np.nan])
def test_bad_weights_are_refused(moons, weight):
    X, y = moons
    with pytest.raises(ValueError, match=r"[Nn]egative|NaN"):
        small().fit(X, y, sample_weight=np.full(len(y), weight))


def test_a_single_class_is_refused(moons):
    X, y = moons
    with pytest.raises(ValueError, match="one class"):
        small().fit(X, np.zeros_like(y))
    with pytest.raises(ValueError, match="one class"):
        small().fit(X, y, sample_weight=y)


# Optimizers, schedules, losses.


@pytest.mark.parametrize("optimizer", [*kg.optimizer_names(), "L-BFGS-B", "COBYLA"])
def test_every_optimizer_learns(moons, optimizer):
    rate = {"sgd": 1.0, "momentum": 0.2, "nesterov": 0.2, "spsa": 0.2}.get(optimizer, 0.05)
    model = small(optimizer=optimizer, max_iter=40, learning_rate=rate).fit(*moons)
    assert model.score(*moons) > 0.75
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.n_iter_ == len(model.history_) > 0


@pytest.mark.parametrize("schedule", kg.schedule_names())
def test_every_schedule_learns(moons, schedule):
    model = small(schedule=schedule, max_iter=40, learning_rate=0.1).fit(*moons)
    assert model.score(*moons) > 0.8


@pytest.mark.parametrize("loss", kg.loss_names())
def test_every_loss_learns(iris, loss):
    X, y = iris
    model = small(loss=loss, max_iter=40, learning_rate=0.1).fit(X, y)
    assert model.score(X, y) > 0.8
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    np.testing.assert_array_equal(
        model.predict(X), model.classes_[model.predict_proba(X).argmax(axis=1)]
    )


@pytest.mark.parametrize("optimizer", ["L-BFGS-B", "COBYLA"])
def test_the_callback_stops_scipy(moons, optimizer):
    model = small(optimizer=optimizer, max_iter=40, callback=lambda _, record: record["epoch"] < 3)
    assert model.fit(*moons).n_iter_ == 3


def test_early_stopping_watches_held_out_samples(moons):
    model = small(
        early_stopping=True, max_iter=300, tol=1e-4, n_iter_no_change=3, learning_rate=0.3
    )
    model.fit(*moons)
    assert model.n_iter_ < 300
    assert all(np.isfinite(record["validation_loss"]) for record in model.history_)
    with pytest.raises(ValueError, match="early_stopping"):
        small(early_stopping=True, optimizer="COBYLA").fit(*moons)


def test_every_class_gives_its_share_to_the_held_out_samples():
    # 4 samples of 40 are held out. With a class of 4 they would often miss it, or be all of it.
    X = np.arange(40.0)[:, None]
    y = np.repeat([0, 1, 2], [20, 10, 10])
    for seed in range(5):
        model = small(early_stopping=True, max_iter=1, n_layers=1, random_state=seed).fit(X, y)
        outputs = model.model_.outputs(model._angles(X))
        logs = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
        losses = -logs[np.arange(40), y]
        shares = [losses[y == k] for k in range(3)]
        # Two samples of class 0 and one of each other class have this loss.
        sums = (
            np.add.outer(shares[0], shares[0])[..., None, None] + np.add.outer(shares[1], shares[2])
        ) / 4
        assert np.isclose(sums, model.history_[0]["validation_loss"], rtol=1e-12).any()


def test_training_that_stalls_ends(moons):
    assert small(max_iter=300, tol=0.05, n_iter_no_change=2).fit(*moons).n_iter_ < 50


def test_a_tiny_learning_rate_stalls_as_in_scikit_learn(moons):
    ours = VQClassifier(learning_rate=1e-6, random_state=0).fit(*moons)
    theirs = MLPClassifier(learning_rate_init=1e-6, max_iter=2000, random_state=0).fit(*moons)
    assert ours.n_iter_ < 20
    assert theirs.n_iter_ < 20


@pytest.mark.parametrize("optimizer", ["adam", "l-bfgs", "L-BFGS-B", "COBYLA"])
def test_training_that_has_not_converged_warns(moons, optimizer):
    X, y = moons
    options = {"n_layers": 2, "optimizer": optimizer, "random_state": 0}
    few = 20 if optimizer == "COBYLA" else 6
    with pytest.warns(ConvergenceWarning, match="VQClassifier has not converged.*raise max_iter"):
        model = VQClassifier(max_iter=few, **options).fit(X, y)
    assert model.predict(X).shape == y.shape
    if optimizer == "adam":
        assert "max_iter=6 epochs are over" in str(_warning_of(VQClassifier(max_iter=6), X, y))
    # It has, or was not asked to, or was told to end: no warning, which would be an error here.
    VQClassifier(max_iter=2000, tol=0.05, **options).fit(X, y)
    VQClassifier(max_iter=few, tol=0, **options).fit(X, y)
    VQClassifier(max_iter=few, callback=lambda *_: False, **options).fit(X, y)


def _warning_of(model, X, y):
    with pytest.warns(ConvergenceWarning) as caught:
        model.fit(X, y)
    return caught[0].message


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "l-bfgs"])
def test_without_a_tolerance_training_never_ends_early(moons, optimizer):
    X, y = moons
    model = small(optimizer=optimizer, max_iter=60, n_iter_no_change=1, learning_rate=3.0)
    assert model.fit(X, y).n_iter_ == 60
    # SciPy's own tests of the values' changes are off as well: only rounding ends it.
    scipy = small(optimizer="L-BFGS-B", max_iter=30).fit(X, y)
    assert scipy.n_iter_ == 30


def test_callback_sees_an_estimator_that_predicts(moons):
    X, y = moons
    seen = []

    def callback(estimator, record):
        seen.append((record["epoch"], estimator.score(X, y)))
        return len(seen) < 3

    model = small(max_iter=20, callback=callback).fit(X, y)
    assert [epoch for epoch, _ in seen] == [1, 2, 3]
    assert model.n_iter_ == 3
    assert seen[-1][1] == model.score(X, y)


def test_an_exception_of_the_callback_leaves_a_model(moons):
    def callback(_, record):
        if record["epoch"] == 2:
            raise RuntimeError("enough")

    model = small(callback=callback)
    with pytest.raises(RuntimeError, match="enough"):
        model.fit(*moons)
    assert model.n_iter_ == 2
    assert model.predict(moons[0]).shape == (80,)


def test_progress_bar_is_optional(moons, capsys, monkeypatch):
    small(verbose=1).fit(*moons)
    assert "VQClassifier" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    small(verbose=1).fit(*moons)
    assert capsys.readouterr().err == ""


# Going on.


def test_warm_start_goes_on(moons):
    X, y = moons
    model = small(warm_start=True, max_iter=10).fit(X, y)
    first = model.loss_curve_
    model.fit(X, y)
    assert model.n_iter_ == 20
    assert model.loss_curve_[:10] == first
    assert model.loss_curve_[-1] < first[-1]
    assert [record["epoch"] for record in model.history_] == list(range(1, 21))
    with pytest.raises(ValueError, match="another circuit"):
        model.set_params(n_layers=3).fit(X, y)


def test_partial_fit_takes_one_epoch_a_call(moons):
    X, y = moons
    model = small(max_iter=5, tol=0.0)
    for _ in range(5):
        model.partial_fit(X, y, classes=[0, 1])
    np.testing.assert_array_equal(
        model.predict_proba(X), small(max_iter=5, tol=0.0).fit(X, y).predict_proba(X)
    )
    assert model.n_iter_ == 5


@pytest.mark.parametrize("way", ["pickle", "file"])
def test_partial_fit_goes_on_after_pickling_and_loading(moons, tmp_path, way):
    X, y = moons
    model = small(batch_size=16, schedule="cosine", max_iter=4)
    for _ in range(2):
        model.partial_fit(X, y, classes=[0, 1])
    if way == "pickle":
        again = pickle.loads(pickle.dumps(model))
    else:
        model.save(tmp_path / "model.json")
        again = kg.load(tmp_path / "model.json")
    for _ in range(2):
        model.partial_fit(X, y)
        again.partial_fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.loss_curve_ == model.loss_curve_


def test_partial_fit_knows_classes_it_has_not_seen(moons):
    X, y = moons
    model = small().partial_fit(X[y == 0], y[y == 0], classes=[0, 1, 2])
    assert model.predict_proba(X).shape == (80, 3)
    with pytest.raises(ValueError, match="first call"):
        small().partial_fit(X, y)
    with pytest.raises(ValueError, match=r"labels \[7\]"):
        model.partial_fit(X, np.full_like(y, 7))
    with pytest.raises(ValueError, match="not those of before"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="cannot"):
        small(optimizer="COBYLA").partial_fit(X, y, classes=[0, 1])


def test_regressor_partial_fit(wave):
    model = VQRegressor(random_state=0, learning_rate=0.2)
    for _ in range(60):
        model.partial_fit(*wave)
    assert model.score(*wave) > 0.8


# Architectures.


def two_qubit_map():
    x = kg.ParameterVector("x", 2)
    return kg.Circuit(2).ry(x[0], 0).ry(x[1], 1)


def two_qubit_layer():
    a = kg.ParameterVector("a", 3)
    return kg.Circuit(2).rx(a[0], 0).rx(a[1], 1).crx(a[2], 0, 1)


@pytest.mark.parametrize("ansatz", [two_qubit_layer(), "basic_entangler"])
@pytest.mark.parametrize("feature_map", [two_qubit_map(), "angle", "iqp"])
@pytest.mark.parametrize("reupload", [True, False])
def test_circuits_and_names_mix(moons, feature_map, ansatz, reupload):
    model = small(feature_map=feature_map, ansatz=ansatz, reupload=reupload).fit(*moons)
    assert model.model_.circuit.n_qubits == 2
    layer = 3 if isinstance(ansatz, kg.Circuit) else 2
    assert model.model_.n_parameters == 2 * layer + 2  # two layers, a scale and a bias


def test_observables_of_ones_own(moons, iris):
    parity = kg.PauliSum("ZZ")
    assert small(observables=[parity]).fit(*moons).decision_function(moons[0]).shape == (80,)
    same = [small(observables=o).fit(*moons) for o in ([parity], parity, "ZZ", ["ZZ"])]
    for model in same:
        np.testing.assert_array_equal(
            model.decision_function(moons[0]), same[0].decision_function(moons[0])
        )
    with pytest.raises(ValueError, match="1 observables were given; this task needs 3"):
        small(observables=[parity], n_qubits=2).fit(*iris)


def test_amplitudes(iris):
    X, y = iris
    model = small(feature_map="amplitude", input_scaling=None, max_iter=60).fit(X, y)
    assert model.model_.circuit.n_qubits == 2
    assert model.score(X, y) > 0.6


def test_every_feature_reaches_the_separable_ablation(iris):
    X, y = iris
    model = small(entangle=False).fit(X, y == "versicolor")
    assert model.model_.n_outputs == 1
    for k in range(4):
        moved = X.copy()
        moved[:, k] += 0.5
        assert not np.allclose(model.decision_function(moved), model.decision_function(X))


def test_ablation_has_no_entangling_gates(iris):
    counts = small(entangle=False).fit(*iris).model_.circuit.count_gates()
    assert "cx" not in counts
    assert "cx" in small().fit(*iris).model_.circuit.count_gates()


def test_scale_inputs_adds_a_weight_for_every_feature_and_layer(iris):
    plain, scaled = (small(scale_inputs=s).fit(*iris).model_.n_parameters for s in (False, True))
    assert scaled == plain + 2 * 4


def test_single_precision_learns_the_same(moons):
    X, y = moons
    double, single = (small(precision=p).fit(X, y).predict_proba(X) for p in ("double", "single"))
    np.testing.assert_allclose(single, double, atol=1e-3)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_layers": 0}, "layer"),
        ({"feature_map": "fourier"}, "fourier"),
        ({"ansatz": "none"}, "none"),
        ({"optimizer": "lbfgs"}, "lbfgs"),
        ({"schedule": "linear"}, "linear"),
        ({"loss": "mse"}, "mse"),
        ({"learning_rate": -1.0}, "-1"),
        ({"max_iter": 0}, "0"),
        ({"max_iter": 0, "optimizer": "COBYLA"}, "0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"batch_size": "all"}, "batch_size='all'"),
        ({"early_stopping": True, "validation_fraction": 1.0}, "1"),
        ({"n_iter_no_change": 0}, "0"),
        ({"tol": -1.0}, "-1"),
        ({"checkpoint": ""}, "checkpoint=''; it must be a path that is not empty"),
        ({"init_spread": -1.0}, "-1"),
        ({"input_scaling": "minmax"}, "minmax"),
        ({"precision": "half"}, "half"),
        ({"feature_map": kg.Circuit(2).h(0)}, r"x\[0\] to x\[1\]"),
        ({"ansatz": two_qubit_layer(), "n_qubits": 3}, "2 qubits.* 3"),
        ({"feature_map": two_qubit_map(), "n_qubits": 3}, "n_qubits=3"),
        ({"ansatz": two_qubit_layer(), "entangle": False}, "entangle"),
        ({"ansatz": two_qubit_layer(), "n_layers": 0}, "n_layers=0"),
        ({"n_qubits": 0}, "n_qubits=0; it must be an integer of at least 1 or None"),
        ({"feature_map": "zz", "n_qubits": 3}, "'zz' encodes 2 .* in 2 .* not in 3"),
        ({"optimizer": "lbfgs"}, "'adam', .*'L-BFGS-B' or 'COBYLA'"),
        ({"validation_fraction": 0.0}, "validation_fraction=0.0"),
        ({"learning_rate": np.inf}, "learning_rate=inf"),
        ({"learning_rate": np.nan}, "learning_rate=nan"),
        ({"random_state": -1}, "random_state=-1"),
        ({"verbose": -1}, "verbose=-1"),
    ],
)
def test_bad_parameters_are_named(moons, params, message):
    model = small(**params)
    with pytest.raises(ValueError, match=message):
        model.fit(*moons)
    with pytest.raises(NotFittedError):
        model.predict(moons[0])
    assert not [name for name in vars(model) if name.endswith("_") or name.startswith("_")]


@pytest.mark.parametrize(
    "params",
    [
        {"feature_map": None},
        {"ansatz": 3},
        {"n_qubits": 2.0},
        {"n_layers": "3"},
        {"n_layers": True},
        {"reupload": "no"},
        {"scale_inputs": 1},
        {"entangle": None},
        {"observables": [3]},
        {"observables": 3},
        {"checkpoint": 3},
        {"input_scaling": 1},
        {"loss": None},
        {"optimizer": 3},
        {"learning_rate": "fast"},
        {"schedule": None},
        {"max_iter": 10.5},
        {"batch_size": 2.5},
        {"early_stopping": 1},
        {"validation_fraction": "a tenth"},
        {"n_iter_no_change": None},
        {"tol": None},
        {"init_spread": [1]},
        {"warm_start": "yes"},
        {"precision": 64},
        {"random_state": "seed"},
        {"callback": 3},
        {"verbose": "loud"},
    ],
)
def test_parameters_of_the_wrong_type_are_named(moons, params):
    ((name, value),) = params.items()
    with pytest.raises(TypeError, match=rf"^{name}=.*; it must be "):
        small(**params).fit(*moons)
    assert value is params[name]


def test_every_parameter_has_a_row_of_checks():
    assert set(RULES) == set(VQClassifier().get_params()) >= set(VQRegressor().get_params())
    for estimator in (VQClassifier(), VQRegressor()):
        check_parameters(estimator.get_params())
    numbers = {"n_layers": np.int64(2), "tol": np.float32(0), "learning_rate": 1, "n_qubits": None}
    check_parameters({**numbers, "reupload": np.bool_(True), "of_a_subclass": object()})


@pytest.mark.parametrize("cls", [VQClassifier, VQRegressor, QSVC, QSVR, QKernelRidge, QNystroem])
def test_the_constructor_takes_the_circuits_by_place_and_all_else_by_name(cls):
    model = cls("iqp", "basic_entangler", n_layers=5)
    assert (model.feature_map, model.ansatz, model.n_layers) == ("iqp", "basic_entangler", 5)
    assert sorted(inspect.signature(cls).parameters) == sorted(model.get_params())
    assert set(vars(model)) == set(model.get_params())
    with pytest.raises(TypeError, match=rf"{cls.__name__}\.__init__\(\) takes"):
        cls("iqp", "basic_entangler", 5)
    with pytest.raises(TypeError, match=rf"{cls.__name__}\.__init__\(\) .*'n_spins'"):
        cls(n_spins=3)


def test_an_unknown_argument_is_reported_under_the_estimator_s_name():
    with pytest.raises(TypeError, match=r"VQRegressor\.__init__\(\) .*'loss'"):
        VQRegressor(loss="hinge")


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize(
    ("params", "columns"),
    [
        ({"n_layers": 0}, 2),
        ({"optimizer": "lbfgs"}, 2),
        ({"feature_map": kg.Circuit(2).h(0)}, 2),
        ({"early_stopping": True, "optimizer": "COBYLA"}, 2),
        ({"early_stopping": True, "validation_fraction": 1e-3}, 2),
        ({"observables": []}, 2),
        ({"observables": "ZW"}, 2),
        ({"checkpoint": __file__}, 2),
        ({"checkpoint": "run.json", "optimizer": "COBYLA"}, 2),
        ({"n_qubits": 30, "n_layers": 1, "feature_map": "iqp"}, 3),
    ],
)
def test_a_refit_that_fails_changes_nothing(moons, warm_start, params, columns):
    X, y = moons
    model = small(warm_start=warm_start).fit(X, y)
    before, fitted = model.predict_proba(X), dict(vars(model))
    history = list(model.history_)
    model.set_params(**params)
    wide = np.hstack([X, X])[:, :columns]
    for refit in (model.fit, model.partial_fit):
        if refit == model.partial_fit and model.optimizer == "adam" and columns == 2:
            continue  # it takes no notice of what has been built
        with pytest.raises(ValueError):  # noqa: PT011 - every one of them
            refit(wide, 1 - y)
        now = {name: value for name, value in vars(model).items() if name not in params}
        assert now == {name: value for name, value in fitted.items() if name not in params}
        assert model.history_ == history
        np.testing.assert_array_equal(model.predict_proba(X), before)


def test_an_epoch_that_fails_changes_nothing(moons):
    X, y = moons
    model = small().partial_fit(X, y, classes=[0, 1])
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="NaN"):
        model.partial_fit(np.full_like(X, np.nan), y)
    with pytest.raises(ValueError, match="features"):
        model.partial_fit(X[:, :1], y)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert model.n_iter_ == 1


# Ctrl-C.

INTERRUPTED = """
import sys, time
import numpy as np
import ketgrad as kg

X = np.random.default_rng(0).normal(size=(2000, 8))
callback = lambda estimator, record: print("ready", flush=True)
model = kg.VQClassifier(optimizer=sys.argv[1], batch_size=2000, max_iter=10**6, callback=callback)
try:
    model.fit(X, X[:, 0] > 0)
except KeyboardInterrupt:
    print("stopped", time.monotonic(), model.n_iter_, len(model.predict(X[:3])), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("optimizer", ["adam", "L-BFGS-B"])
def test_interrupt_is_fast_and_leaves_a_model(optimizer):
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), optimizer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.05)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        last = process.stdout.read().strip().splitlines()[-1].split()
    assert last[0] == "stopped"
    assert float(last[1]) - sent < 0.5  # 0.2 on a machine that has nothing else to do
    assert int(last[2]) >= 1
    assert last[3] == "3"
    assert process.returncode == 0


# Save and load.


@pytest.mark.parametrize("precision", ["double", "single"])
def test_saved_classifier_predicts_the_same_bits(iris, tmp_path, precision):
    X, y = iris
    model = small(precision=precision, random_state=np.int64(3)).fit(X, y)
    model.save(tmp_path / "model.json")
    loaded = kg.load(tmp_path / "model.json")
    assert type(loaded) is VQClassifier
    assert loaded.get_params() == model.get_params()
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.loss_curve_ == model.loss_curve_
    assert loaded.partial_fit(X, y).n_iter_ == model.n_iter_ + 1


def test_saved_regressor_predicts_the_same_bits(wave, tmp_path):
    X, y = wave
    model = VQRegressor(max_iter=5, tol=0).fit(X, y)
    model.save(str(tmp_path / "model.json"))
    np.testing.assert_array_equal(kg.load(tmp_path / "model.json").predict(X), model.predict(X))


def test_a_killed_fit_goes_on_from_its_checkpoint(moons, iris, tmp_path):
    path = tmp_path / "run.json"
    whole = small(max_iter=9).fit(*moons)

    def kill(_, record):
        if record["epoch"] == 5:
            raise KeyboardInterrupt

    def killed():
        with pytest.raises(KeyboardInterrupt):
            small(max_iter=9, checkpoint=path, callback=kill).fit(*moons)

    def seen(data, **options):
        epochs = []
        follow = lambda _, record: epochs.append(record["epoch"])  # noqa: E731
        options = {"max_iter": 9, "checkpoint": path, "callback": follow, **options}
        return small(**options).fit(*data), epochs

    killed()
    resumed, epochs = seen(moons)
    assert epochs == [6, 7, 8, 9]
    assert str(resumed.history_) == str(whole.history_)  # NaN is not itself
    np.testing.assert_array_equal(resumed.model_.parameters, whole.model_.parameters)
    # Finished, of other options and of other data: another fit.
    assert seen(moons)[1] == list(range(1, 10))
    killed()
    assert seen(moons, learning_rate=0.01)[1] == list(range(1, 10))
    killed()
    assert seen((moons[0][:50], moons[1][:50]))[1] == list(range(1, 10))
    killed()
    assert seen(iris)[1] == list(range(1, 10))


def test_circuits_and_observables_are_saved(moons, tmp_path):
    observable = kg.PauliSum({"ZI": 0.5, "XX": -0.25, "II": 0.125})
    model = small(
        feature_map=two_qubit_map(),
        ansatz=two_qubit_layer(),
        observables=[observable],
        checkpoint=tmp_path / "run.json",
        callback=lambda *_: None,
        random_state=np.random.RandomState(0),
    ).fit(*moons)
    model.save(tmp_path / "model.json")
    loaded = kg.load(tmp_path / "model.json")
    assert loaded.feature_map == model.feature_map
    assert loaded.ansatz == model.ansatz
    assert loaded.observables[0].terms == observable.terms
    assert loaded.callback is None
    assert loaded.random_state is None
    np.testing.assert_array_equal(loaded.predict_proba(moons[0]), model.predict_proba(moons[0]))


@pytest.mark.parametrize(
    "labels",
    [
        np.array([False, True]),
        np.array([-1.0, 2.0]),
        np.array([3, 5], dtype=np.uint8),
        np.array(["α", "b"]),
        np.array(["a", "long label"], dtype=object),
    ],
)
def test_labels_of_every_type_come_back(moons, tmp_path, labels):
    X, y = moons
    model = small(max_iter=1).fit(X, labels[y])
    model.save(tmp_path / "model.json")
    loaded = kg.load(tmp_path / "model.json")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.classes_.dtype == model.classes_.dtype


def test_a_failed_save_leaves_the_old_file(moons, tmp_path):
    path = tmp_path / "model.json"
    model = small(max_iter=1).fit(*moons)
    model.save(path)
    before = path.read_bytes()
    model.classes_ = np.array([b"a", b"b"])
    with pytest.raises(ValueError, match="class labels"):
        model.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_saving_needs_a_fitted_estimator_and_a_folder(moons, tmp_path):
    with pytest.raises(NotFittedError):
        small().save(tmp_path / "model.json")
    model = small(max_iter=1).fit(*moons)
    missing = tmp_path / "missing" / "model.json"
    with pytest.raises(FileNotFoundError) as caught:
        model.save(missing)
    assert caught.value.filename == str(missing)
    with pytest.raises(IsADirectoryError) as caught:
        model.save(tmp_path)
    assert caught.value.filename == str(tmp_path)


@pytest.fixture(scope="module")
def document(iris, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.json"
    small(max_iter=1).fit(*iris).save(path)
    return path.read_text()


def replaced(text, *keys, value):
    document = json.loads(text)
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    if value is None:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("format",), "ketgrad.model", "not a ketgrad estimator"),
        (("version",), 2, "version 2; this release of ketgrad reads up to 1"),
        (("version",), "1", "damaged"),
        (("class",), "Pipeline", "unknown kind of estimator, 'Pipeline'"),
        (("params", "n_spins"), 3, "damaged.*n_spins"),
        (("params", "ansatz"), [1], "damaged.*ansatz"),
        (("params",), None, "'params' is missing"),
        (("model",), None, "'model' is missing"),
        (("model", "parameters"), [0.0], "damaged.*parameters"),
        (("model", "version"), 9, "damaged.*version 9"),
        (("fitted", "n_features_in"), 7, "damaged.*7 features"),
        (("fitted", "n_features_in"), True, "damaged"),
        (("fitted", "input_mean"), [1.0], "damaged.*4 features"),
        (("fitted", "input_scale"), ["a"] * 4, "damaged.*'a'"),
        (("fitted", "classes", "values"), [1, 2], "damaged"),
        (("fitted", "classes", "values"), ["a", "b"], "damaged.*outputs"),
        (("fitted", "classes", "values"), ["a", "a", "b"], "damaged.*'a', 'a'"),
        (("fitted", "classes", "values"), [["a"], ["b"], ["c"]], "damaged"),
        (("fitted", "classes", "dtype"), "M8[s]", "damaged"),
        (("fitted", "classes", "dtype"), "<U999999999", "damaged.*U999999999"),
        (("fitted", "history"), [3], "damaged"),
        (("fitted", "trainer"), 3, "damaged"),
        (("fitted", "trainer"), {"format": "ketgrad.trainer", "version": 1}, "damaged.*trainer"),
        (("fitted",), [], "damaged"),
    ],
)
def test_hostile_files_are_refused(document, tmp_path, keys, value, message):
    path = tmp_path / "model.json"
    path.write_text(replaced(document, *keys, value=value))
    with pytest.raises(ValueError, match=f"(?s){message}"):
        kg.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"\x80\x04K\x00.", b"[" * 100_000, b"[]", b"null"])
def test_files_that_are_no_estimators_are_refused(tmp_path, content):
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a ketgrad estimator"):
        kg.load(path)


def test_truncated_files_are_refused(document, tmp_path):
    path = tmp_path / "model.json"
    for end in range(0, len(document) - 2, len(document) // 50):
        path.write_text(document[:end])
        with pytest.raises(ValueError, match="not a ketgrad estimator"):
            kg.load(path)
