"""The quick start's main job, in its quick form."""

import json
from xml.etree import ElementTree

import pytest
from sklearn.model_selection import train_test_split

from ketgrad.__main__ import main
from ketgrad.commands.demo.models import QUANTUM, SEPARABLE, Result, models_of, result_of
from ketgrad.commands.demo.results import table
from ketgrad.commands.demo.tasks import TASKS


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert main(["demo", "--quick", "--output", str(folder)]) == 0
    return folder


def test_writes_pictures_and_results(quick):
    names = {path.name for path in quick.iterdir()}
    assert names == {"circuit.svg", "loss_curves.png", "decision_boundary.png", "results.json"}
    for name in ("loss_curves.png", "decision_boundary.png"):
        assert (quick / name).read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(quick / "circuit.svg").getroot().tag.endswith("svg")


def test_results_hold_every_model_on_every_data_set(quick):
    results = json.loads((quick / "results.json").read_text())["results"]
    assert len(results) == 3 * 5
    assert {r["task"] for r in results} == {task.name for task in TASKS}
    for result in results:
        assert 0.4 < result["accuracy"] <= 1
        assert result["parameters"] > 0
        assert result["seconds"] > 0
        assert (len(result["loss_curve"]) > 0) == result["model"].startswith("quantum")


def test_ablation_has_as_many_parameters(quick):
    results = json.loads((quick / "results.json").read_text())["results"]
    for task in TASKS:
        of = {r["model"]: r["parameters"] for r in results if r["task"] == task.name}
        assert of[QUANTUM] == of[SEPARABLE]


def test_quantum_model_reaches_its_accuracy_on_iris():
    X, y = TASKS[0].load()
    split = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    model = models_of(TASKS[0], seed=0, epochs=TASKS[0].epochs)[QUANTUM]
    assert result_of("iris", QUANTUM, 0, model, split).accuracy >= 0.93


def test_table_has_means_over_seeds():
    results = [
        Result("iris", QUANTUM, seed, accuracy, 10, 0.5) for seed, accuracy in enumerate((0.9, 1.0))
    ]
    lines = table(results).splitlines()
    assert lines[0].split() == ["data", "set", "model", "test", "accuracy", "parameters", "time"]
    assert lines[-1].split() == ["iris", "quantum", "0.950", "±", "0.050", "10", "0.50", "s"]


def test_table_has_no_deviation_of_a_single_seed():
    lines = table([Result("iris", QUANTUM, 0, 0.9, 10, 0.5)]).splitlines()
    assert lines[-1].split() == ["iris", "quantum", "0.900", "10", "0.50", "s"]
