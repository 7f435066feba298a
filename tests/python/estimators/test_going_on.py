"""Trainings that go on: warm starts, epochs one by one, checkpoints."""

import pickle

import numpy as np
import pytest

import ketgrad as kg
from ketgrad import VQRegressor
from small_classifiers import small


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


def test_a_fit_by_a_loss_of_ones_own_goes_on(tmp_path):
    x = np.random.default_rng(0).uniform(-2, 2, (30, 1))
    y = np.sin(x[:, 0])

    def squared(outputs, targets):
        return float(np.mean((outputs - targets) ** 2)), 2 * (outputs - targets) / len(outputs)

    def halved(outputs, targets):
        return float(np.mean((outputs - targets) ** 2)) / 2, (outputs - targets) / len(outputs)

    def fit(loss=squared, kill_at=None, **options):
        epochs = []

        def follow(_, record):
            epochs.append(record["epoch"])
            if record["epoch"] == kill_at:
                raise KeyboardInterrupt

        options = {"max_iter": 6, "tol": 0, "random_state": 0, "callback": follow, **options}
        return kg.VQRegressor(loss=loss, **options).fit(x, y), epochs

    path = tmp_path / "run.json"
    whole, _ = fit()
    for loss, first in ((squared, 6), (halved, 1), ("squared", 1)):
        with pytest.raises(KeyboardInterrupt):
            fit(kill_at=5, checkpoint=path)
        found, epochs = fit(loss, checkpoint=path)
        assert epochs == list(range(first, 7))
        if loss is squared:
            np.testing.assert_array_equal(found.model_.parameters, whole.model_.parameters)


def test_what_is_no_checkpoint_is_named(moons, tmp_path):
    path = tmp_path / "fit.json"
    for content, why in (
        (b"\xff{}", r"it is not text \(byte 0 is not UTF-8\)"),
        (b"{", "JSON: parse"),
    ):
        path.write_bytes(content)
        for given in (path, str(path)):
            with pytest.raises(ValueError, match=rf"^checkpoint='.*fit.json' is no .*: {why}"):
                small(checkpoint=given).fit(*moons)
        assert path.read_bytes() == content
