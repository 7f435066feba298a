"""Answers are those of the model in Python, whatever the form of the rows and the company."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from serving import CSV, serving

import ketgrad as kg
from ketgrad.__main__ import main


def test_classes_and_probabilities(flowers, models, iris):
    X, _ = iris
    model = kg.load(models / "flowers.json")
    rows = X.to_numpy().tolist()
    assert flowers.post("/predict", rows)["predictions"] == model.predict(X).tolist()
    found = flowers.post("/predict_proba", rows)
    assert found["classes"] == model.classes_.tolist()
    np.testing.assert_allclose(found["probabilities"], model.predict_proba(X), atol=1e-12)
    assert found["notes"] == []


def test_objects_and_tables_in_any_order(flowers, models, iris):
    X, _ = iris
    some = X.iloc[::20, ::-1]
    expected = kg.load(models / "flowers.json").predict(X.iloc[::20]).tolist()
    assert flowers.post("/predict", some.to_dict("records"))["predictions"] == expected
    table = some.assign(id=7).to_csv()  # with an index, and a column that does no harm
    status, headers, text = flowers.ask("POST", "/predict", table, "Text/CSV; charset=utf-8")
    assert (status, headers["content-type"].split(";")[0]) == (200, CSV)
    assert [row["prediction"] for row in csv.DictReader(io.StringIO(text))] == expected


def test_tables_are_read_as_the_command_reads_them(houses, models, capsys, tmp_path):
    table = "colour;size;y\nred;1,5;0\nblue;;0\ngreen;-0,25;0\n"
    (tmp_path / "new.csv").write_text(table)
    assert main(["predict", str(models / "houses.json"), str(tmp_path / "new.csv")]) == 0
    printed = capsys.readouterr()
    assert houses.ask("POST", "/predict", table, CSV)[2] == printed.out
    rows = [
        {"colour": "red", "size": 1.5},
        {"colour": "blue", "size": None},
        {"colour": "green", "size": -0.25},
    ]
    found = houses.post("/predict", rows)
    assert found["predictions"] == [float(line) for line in printed.out.splitlines()[1:]]
    assert found["notes"] == [
        "the body, row 2, column 'colour': the model has never seen 'green'",
        "1 missing value(s): the mean of the training rows put in",
    ]
    assert "the model has never seen 'green'" in printed.err


def test_probabilities_as_a_table(flowers, iris):
    X, _ = iris
    text = flowers.ask("POST", "/predict_proba", X[:3].to_csv(index=False), CSV)[2]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [f"probability of {name}" for name in sorted(set(iris[1]))]
    assert [sum(map(float, row.values())) for row in rows] == pytest.approx([1, 1, 1])


def test_means_for_what_is_missing(guarded, models):
    model = kg.load(models / "numbers.json")
    found = guarded.post("/predict", [[None, 0.5, 1], [1, 2, 3]])
    filled = [[model.input_mean_[0], 0.5, 1], [1, 2, 3]]
    np.testing.assert_allclose(found["predictions"], model.predict(filled), atol=1e-12)
    assert found["notes"] == ["1 missing value(s): the mean of the training rows put in"]


@pytest.mark.parametrize("name", ["kernel", "labels", "states"])
def test_other_models(name, models):
    rows = np.random.default_rng(1).normal(size=(7, 3))
    model = kg.load(models / f"{name}.json")
    with serving(models / f"{name}.json", "--quiet") as server:
        found = server.post("/predict", rows.tolist())["predictions"]
        np.testing.assert_allclose(found, model.predict(rows), atol=1e-12)
        assert json.loads(server.ask("GET", "/model")[2])["model"] == type(model).__name__
        if not hasattr(model, "predict_proba"):
            assert server.ask("POST", "/predict_proba", {"rows": rows.tolist()})[0] == 404
        if name == "states":  # of which a row of zeros is none: its own request fails alone
            assert "norm 0 in sample 1" in server.refused(422, {"rows": [[1, 2, 3], [0, 0, 0]]})


def test_concurrent_clients_get_their_own_answers(flowers, models):
    model = kg.load(models / "flowers.json")
    rng = np.random.default_rng(0)
    questions = [rng.uniform(0, 8, size=(int(rng.integers(1, 9)), 4)) for _ in range(320)]
    calls = flowers.metric("ketgrad_model_calls_total")

    def ask(X):
        return flowers.post("/predict_proba", X.tolist())["probabilities"]

    with ThreadPoolExecutor(16) as clients:
        found = np.concatenate(list(clients.map(ask, questions)))
    rows = pd.DataFrame(np.concatenate(questions), columns=model.feature_names_in_)
    np.testing.assert_allclose(found, model.predict_proba(rows), rtol=0, atol=1e-12)
    assert flowers.metric("ketgrad_model_calls_total") - calls <= len(questions)
    assert flowers.metric("ketgrad_rows_waiting") == 0


def test_what_the_model_is(flowers, models):
    document = json.loads(flowers.ask("GET", "/model")[2])
    assert document["classes"] == ["setosa", "versicolor", "virginica"]
    assert document["features"] == ["sepal length", "sepal width", "petal length", "petal width"]
    assert document["answers"] == ["predict", "predict_proba"]
    assert document["file"] == "flowers.json"


def test_pages(flowers):
    status, headers, text = flowers.ask("GET", "/docs")
    assert (status, headers["content-type"].split(";")[0]) == (200, "text/html")
    assert "/openapi.json" in text
