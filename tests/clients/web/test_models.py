"""Saved models in pages predict with the numbers of Python."""

import numpy as np
import pytest

import ketgrad as kg

NAMES = [
    "flowers",
    "one_a_class",
    "digits",
    "two_classes",
    "squared",
    "hinge",
    "labels",
    "numbers",
    "targets",
    "amplitudes",
    "unscaled",
    "layers",
]
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def _rows(samples):
    return np.asarray(samples, dtype=float).tolist()


@pytest.mark.parametrize("name", NAMES)
def test_predictions_are_those_of_python(page, models, exported, name):
    folder, samples = models
    X = samples[name]
    model = kg.load(folder / f"{name}.json")
    page.open(exported(name))
    found = page.evaluate("ketgradPage.predict(given[0])", _rows(X))
    wanted = model.predict(X)
    if hasattr(model, "classes_"):
        assert found["predictions"] == wanted.tolist()
        np.testing.assert_allclose(found["probabilities"], model.predict_proba(X), **CLOSE)
    else:
        np.testing.assert_allclose(found["predictions"], wanted, **CLOSE)
    assert page.complaints() == []


def test_single_precision(page, models, exported):
    folder, samples = models
    page.open(exported("single"))
    found = page.evaluate("ketgradPage.predict(given[0])", _rows(samples["single"]))
    wanted = kg.load(folder / "single.json").predict_proba(samples["single"])
    np.testing.assert_allclose(found["probabilities"], wanted, rtol=0, atol=1e-5)


def test_the_state_is_that_of_the_circuit(page, models, exported):
    folder, samples = models
    X = samples["one_a_class"]
    model = kg.load(folder / "one_a_class.json")
    page.open(exported("one_a_class"))
    state = page.call("model_state", {"row": _rows(X)[0]})
    circuit, weights = model.model_.circuit, model.model_.parameters
    program = kg.compile(circuit, inputs=kg.ParameterVector("x", 4))
    angles = model._angles(np.asarray(X)[:1])
    wanted = program.state(angles, weights[: len(program.weights)])
    np.testing.assert_allclose(
        np.array(state["amplitudes"], dtype=float).view(complex), wanted[0], **CLOSE
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([1.0], "the model has 4 features, got 1"),
        ([1.0, 2.0, 3.0, None], "number"),
        ([1.0, 2.0, 3.0, "x"], "number"),
    ],
)
def test_rows_that_are_refused(page, exported, row, told):
    page.open(exported("flowers"))
    assert told in page.call("predict", {"rows": [row]})["error"]


def test_amplitudes_of_zeros_are_refused(page, exported):
    page.open(exported("amplitudes"))
    page.settle()
    assert page.text("#failure") == ""  # it begins with others
    found = page.call("predict", {"rows": [[0.0, 0.0, 0.0]]})
    assert "norm 0; it must be positive" in found["error"]
