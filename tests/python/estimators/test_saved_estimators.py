"""Estimators saved and loaded predict the same bits."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import ketgrad as kg
from ketgrad import QNystroem, VQClassifier, VQRegressor
from small_classifiers import small, two_qubit_layer, two_qubit_map


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


def test_classes_of_users_are_not_saved(moons, tmp_path):
    class Mine(VQClassifier):
        pass

    with pytest.raises(ValueError, match="Mine is not one of ketgrad's own estimators"):
        Mine(max_iter=1, tol=0).fit(*moons).save(tmp_path / "model.json")
    assert not list(tmp_path.iterdir())


def test_every_class_is_loaded_by_a_process_that_knows_none(moons, tmp_path):
    QNystroem(n_components=5).fit(moons[0]).save(tmp_path / "model.json")
    code = f"import ketgrad; print(ketgrad.load({str(tmp_path / 'model.json')!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "QNystroem(n_components=5)\n"
