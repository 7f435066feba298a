"""How estimators train: optimizers, schedules, losses, what ends a training, callbacks."""

import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

import ketgrad as kg
from ketgrad import VQClassifier
from small_classifiers import small


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


def at_rest(losses, window=100):
    """The rule of Bowles, Ahmed & Schuld 2024: half a standard error."""
    before, last = losses[-2 * window : -window], losses[-window:]
    return abs(np.mean(before) - np.mean(last)) <= np.std(last) / np.sqrt(window) / 2


def test_the_variance_rule_ends_a_training(moons):
    options = {"stopping": "variance", "learning_rate": 0.2, "random_state": 0}
    model = VQClassifier(n_layers=1, **options).fit(*moons)
    losses = model.loss_curve_  # all samples are one batch: an epoch is a step
    assert 200 <= len(losses) < 2000
    assert at_rest(losses)
    assert not any(at_rest(losses[:n]) for n in range(200, len(losses)))
    # Neither tol nor n_iter_no_change matters.
    other = clone(model).set_params(tol=0.0, n_iter_no_change=1).fit(*moons)
    np.testing.assert_array_equal(other.model_.parameters, model.model_.parameters)
    regressor = kg.VQRegressor(n_layers=1, batch_size=8, **options).fit(*moons)
    assert 20 <= regressor.n_iter_ < 2000  # ten steps each


def test_without_a_stopping_rule_all_epochs_are_run(moons):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        never = small(stopping="never", tol=0.05, n_iter_no_change=1, max_iter=40).fit(*moons)
    assert never.n_iter_ == 40
    same = small(tol=0.0, max_iter=40).fit(*moons)
    np.testing.assert_array_equal(never.model_.parameters, same.model_.parameters)
    short = small(stopping="never", tol=10.0, optimizer="L-BFGS-B", max_iter=5).fit(*moons)
    assert short.n_iter_ == 5


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"stopping": "often"}, "stopping='often'; it must be 'plateau', 'variance' or 'never'"),
        ({"stopping": "variance", "early_stopping": True}, "'variance' watches the steps"),
        ({"stopping": "variance", "optimizer": "COBYLA"}, "takes steps, not COBYLA"),
    ],
)
def test_stopping_rules_that_cannot_be_are_refused(moons, params, message):
    with pytest.raises(ValueError, match=message):
        small(**params).fit(*moons)


def test_the_variance_rule_warns_where_max_iter_ends_the_training(moons):
    with pytest.warns(ConvergenceWarning, match="mean loss of 100 steps had not come to rest"):
        small(stopping="variance").fit(*moons)


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
    options = {"n_layers": 2, "optimizer": optimizer, "dressed": False, "random_state": 0}
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
