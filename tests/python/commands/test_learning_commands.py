"""The commands train and predict, end to end, and the CSV files they are given."""

import csv
import io
import json

import numpy as np
import pytest
from sklearn.datasets import load_iris

import ketgrad as kg
from failing_commands import failure
from ketgrad.__main__ import main
from ketgrad.commands.table import read_table

EPOCHS = ["--epochs", "60", "--layers", "2"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path, header, rows, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)


def flowers(path):
    data = load_iris()
    names = [name.split(" (")[0] for name in data.feature_names]
    labels = data.target_names[data.target]
    rows = [[*map(str, x), label] for x, label in zip(data.data, labels, strict=True)]
    write(path, [*names, "species"], rows)
    return data


def test_train_and_predict_classes(capsys, folder):
    data = flowers(folder / "iris.csv")
    assert main(["train", "iris.csv", "--target", "species", *EPOCHS]) == 0
    out = capsys.readouterr().out
    for text in ("quantum", "majority class", "logistic regression", "RBF-SVC", "test accuracy"):
        assert text in out
    for name in ("model.json", "report.json", "training.png", "test.png"):
        assert f"wrote out/{name}" in out
        assert (folder / "out" / name).stat().st_size > 0
    report = json.loads((folder / "out" / "report.json").read_text())
    scores = {result["model"]: result["test_score"] for result in report["results"]}
    assert scores["quantum"] > 0.8 > scores["majority class"]
    assert report["rows"] == {"train": 120, "test": 30}

    model = kg.load(folder / "out" / "model.json")
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    command = ["predict", "out/model.json", "iris.csv", "--output", "p.csv", "--probabilities"]
    assert main(command) == 0
    with (folder / "p.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    predicted = np.array([row["prediction"] for row in rows])
    assert (predicted == data.target_names[data.target]).mean() > 0.8
    shares = [
        sum(float(v) for k, v in row.items() if k.startswith("probability of")) for row in rows
    ]
    np.testing.assert_allclose(shares, 1, atol=1e-5)


def test_train_and_predict_numbers_with_text_and_a_constant(capsys, folder):
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(80):
        x, colour = rng.normal(), str(rng.choice(["red", "blue"]))
        y = np.sin(x) + (colour == "red")
        rows.append([f"{x:.6f}", colour, "7", f"{y:.6f}"])
    write(folder / "d.csv", ["x", "colour", "site", "y"], rows)
    assert main(["train", "d.csv", "--target", "y", *EPOCHS, "--output", "o", "--no-plots"]) == 0
    captured = capsys.readouterr()
    assert "'site' is always '7': left out" in captured.err
    assert "test R²" in captured.out
    assert not (folder / "o" / "test.png").exists()
    report = json.loads((folder / "o" / "report.json").read_text())
    assert report["features"] == ["x", "colour=blue", "colour=red"]
    # Columns in another order, an unknown text, no target.
    write(folder / "new.csv", ["colour", "x"], [["red", "0.5"], ["green", "0.1"]])
    assert main(["predict", "o/model.json", "new.csv"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == "prediction"
    assert len(captured.out.splitlines()) == 3
    assert "new.csv, line 3, column 'colour': the model has never seen 'green'" in captured.err
    assert "has no probabilities" in failure(
        capsys, "predict", "o/model.json", "new.csv", "--probabilities"
    )


def test_training_is_the_same_with_the_same_seed(capsys, folder):
    flowers(folder / "iris.csv")
    models = []
    for name in ("a", "b"):
        command = ["train", "iris.csv", "--target", "species", *EPOCHS, "--output", name]
        assert main([*command, "--no-plots"]) == 0
        models.append((folder / name / "model.json").read_text())
    assert models[0] == models[1]


def test_messy_files_are_read(folder):
    text = '\ufeffname; size ;kind\r\n\r\na;3,5;x\r\n b;-1,25e2;y\r\n;;\r\n"c;d";NA;z\r\n'
    (folder / "m.csv").write_bytes(text.encode("utf-8"))
    table = read_table("m.csv")
    assert table.names == ["name", "size", "kind"]
    assert table.columns["name"] == ["a", "b", "c;d"]
    assert table.lines == [3, 4, 6]
    assert [table.number(row, "size") for row in (0, 1)] == [3.5, -125]
    assert np.isnan(table.number(2, "size"))
    assert table.is_numeric("size")
    (folder / "t.csv").write_text("a\tb\n1,5\t2\n")
    assert read_table("t.csv").number(0, "a") == 1.5


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "d.csv is empty"),
        (b"\n \n", "d.csv is empty"),
        (b"a,b,y\n", "no rows"),
        (b"a,b,y\n1,2\n", "line 2: 2 value(s), where the first line names 3 column(s)"),
        (b"a,b,y\n1,2,p\n1,2,p,4\n", "line 3: 4 value(s)"),
        (b"a,,y\n1,2,p\n", "column 2 has no name"),
        (b"a,a,y\n1,2,p\n", "two columns are called 'a'"),
        (b"k=u,k,y\n1,u,p\n2,v,q\n3,u,p\n4,v,q\n", "a column 'k=u' and a category"),
        (b"1,2,3\n4,5,6\n", "the first line must name the columns"),
        (b'a,b,y\n1,"2,p\n', "line 2: unexpected end of data"),
        (b"a,b,y\n1,\xff\0,p\n", "line 2: the file is not text"),
        (b"a,b,z\n1,2,p\n", "no column 'y'; it has 'a', 'b', 'z'"),
        (b"a,b,y\n" + b"1,2,p\n" * 5, "no columns to learn from"),
        (b"a,b,y\n1,2,p\n2,3,p\n3,2,p\n4,5,p\n", "the target 'y' is always 'p'"),
        (b"a,b,y\n1,2,p\n2,3,q\n3,2,p\n", "3 row(s) with a target; at least 4"),
        (b"a,b,y\n1,2,p\n2,inf,q\n3,2,p\n4,5,q\n", "line 3, column 'b': 'inf' is not finite"),
        (b"a,b,y\n1,2,p\n2,-1e200,q\n3,2,p\n4,5,q\n", "line 3, column 'b': '-1e200' is beyond"),
        (b"a,b,y\n1,2,p\n2,,q\n3,2,p\n4,5,q\n", "line 3, column 'b': the value is missing"),
        (b"\x00\x01\x02", "d.csv"),
        (b"a,b,y\n" + b"1," + b"9" * 200_000 + b",p\n", "line 2: field larger"),
    ],
)
def test_files_that_are_refused(capsys, folder, data, message):
    (folder / "d.csv").write_bytes(data)
    assert message in failure(capsys, "train", "d.csv", "--target", "y")
    assert not (folder / "out").exists()


def test_text_among_numbers_is_found(capsys, folder):
    rows = [[str(k), f"{k}.5", "pq"[k % 2]] for k in range(40)]
    rows[29][1] = "oops"
    write(folder / "d.csv", ["a", "b", "y"], rows)
    message = failure(capsys, "train", "d.csv", "--target", "y")
    assert "d.csv, line 31, column 'b': 'oops' is not a number" in message
    assert "--ignore" in message
    command = ["train", "d.csv", "--target", "y", "--ignore", "b", *EPOCHS, "--no-plots"]
    assert main(command) == 0
    assert "no column 'c'" in failure(capsys, "train", "d.csv", "--target", "y", "--ignore", "c")
    assert "not a number" in failure(
        capsys, "train", "d.csv", "--target", "y", "--ignore", "b", "--model", "regressor"
    )


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        (["3.5"] * 40, [], "the target 'y' is always '3.5'"),
        ([f"id{k}" for k in range(40)], [], "line 2, column 'y': 'id0' is not a number, and 40"),
        ([f"{k}.5" for k in range(39)] + ["oops"], [], "line 41, column 'y': 'oops' is not a num"),
        (
            [f"id{k}" for k in range(40)],
            ["--model", "classifier"],
            "40 different values in 40 rows",
        ),
        (["p"] * 39 + ["q"], ["--seed", "4"], "is 'p' in all rows to train, by --seed 4"),
        ([f"{k}.5" for k in range(40)], ["--test-share", "0.01"], "leaves one row to test"),
    ],
)
def test_targets_that_are_refused(capsys, folder, targets, options, message):
    write(folder / "d.csv", ["a", "y"], [[f"{k}.5", y] for k, y in enumerate(targets)])
    assert message in failure(capsys, "train", "d.csv", "--target", "y", *options)
    assert not (folder / "out").exists()


def test_labels_may_be_any_whole_numbers(capsys, folder):
    rows = [[f"{k}.5", str(10**25 + k % 2)] for k in range(40)]
    write(folder / "d.csv", ["a", "y"], rows)
    assert main(["train", "d.csv", "--target", "y", *EPOCHS, "--no-plots"]) == 0
    labels = [str(10**25), str(10**25 + 1)]
    assert kg.load(folder / "out" / "model.json").classes_.tolist() == labels


@pytest.mark.parametrize("missing", ["drop", "mean"])
def test_missing_values_on_demand(capsys, folder, missing):
    rng = np.random.default_rng(1)
    rows = [[f"{x:.3f}", f"{-x:.3f}", "pq"[int(x > 0)]] for x in rng.normal(size=40)]
    rows[3][0] = "NA"
    rows[5][2] = ""
    write(folder / "d.csv", ["a", "b", "y"], rows)
    command = ["train", "d.csv", "--target", "y", "--missing", missing, *EPOCHS, "--no-plots"]
    assert main(command) == 0
    err = capsys.readouterr().err
    assert "line 7, column 'y': the target is missing; 1 such row(s) left out" in err
    total = json.loads((folder / "out" / "report.json").read_text())["rows"]
    assert sum(total.values()) == (38 if missing == "drop" else 39)
    assert "line 5, column 'a': the value is missing" in failure(
        capsys, "predict", "out/model.json", "d.csv"
    )
    assert main(["predict", "out/model.json", "d.csv", "--missing", "mean"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 41


def test_predicting_with_what_does_not_fit(capsys, folder):
    flowers(folder / "iris.csv")
    assert main(["train", "iris.csv", "--target", "species", *EPOCHS, "--no-plots"]) == 0
    capsys.readouterr()
    write(folder / "d.csv", ["sepal length", "other"], [["1", "2"]])
    assert "no column 'sepal width'" in failure(capsys, "predict", "out/model.json", "d.csv")
    assert "not a ketgrad estimator" in failure(capsys, "predict", "iris.csv", "iris.csv")
    nameless = kg.VQClassifier(max_iter=2, tol=0).fit([[0.0], [1.0]], [0, 1])
    nameless.save(folder / "nameless.json")
    assert "by name" in failure(capsys, "predict", "nameless.json", "iris.csv")


@pytest.mark.parametrize("name", ["model.json", "report.json", "test.png"])
def test_outputs_are_tried_before_the_training(capsys, folder, name, monkeypatch):
    flowers(folder / "iris.csv")
    (folder / "out" / name).mkdir(parents=True)
    monkeypatch.setattr("ketgrad.commands.train._quantum", None)
    command = ["train", "iris.csv", "--target", "species"]
    assert f"out/{name}: Is a directory" in failure(capsys, *command)
    assert [path.name for path in (folder / "out").iterdir()] == [name]
    (folder / "file").write_text("")
    assert "file: this is a file, not a folder" in failure(capsys, *command, "--output", "file")


def test_predict_reads_and_writes_the_standard_streams(capsys, folder, monkeypatch):
    data = flowers(folder / "iris.csv")
    assert main(["train", "iris.csv", "--target", "species", *EPOCHS, "--no-plots"]) == 0
    command = ["predict", "out/model.json"]
    assert "there is no folder no" in failure(capsys, *command, "iris.csv", "--output", "no/p.csv")
    stdin = io.TextIOWrapper(io.BytesIO((folder / "iris.csv").read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert main([*command, "-", "--output", "-"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1 + len(data.target)
    assert captured.err == ""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\n1\n")))
    assert "standard input has no column 'sepal length'" in failure(capsys, *command, "-")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "m.json is not a ketgrad estimator: it is nested too deeply"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "nested too deeply"),
        ('{"format": "ketg', "it is not JSON"),
        ("[]", "its format is None"),
        ('{"format": "ketgrad.estimator", "version": NaN}', "it holds NaN, which is no number"),
        ('{"format": "ketgrad.estimator", "version": 2}', "version 2; this release"),
        ('{"format": "ketgrad.estimator", "version": 1, "class": []}', "unknown kind"),
    ],
)
def test_models_that_cannot_be_read(capsys, folder, text, message):
    (folder / "m.json").write_text(text)
    error = failure(capsys, "predict", "m.json", "d.csv")
    assert "m.json" in error
    assert message in error
    assert "recursion" not in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "d.csv"], "--target"),
        (["train", "d.csv", "--target", "y", "--test-share", "1"], "below 0.9"),
        (["train", "d.csv", "--target", "y", "--layers", "0"], "at least 1"),
        (["train", "d.csv", "--target", "y", "--model", "guess"], "guess"),
        (["predict", "m.json"], "DATA"),
        (["predict", "m.json", ""], "the name of the file is empty"),
        (["train", "d.csv", "--target", "y", "--ignore", "y"], "leaves out the target 'y'"),
    ],
)
def test_wrong_usage_is_one_line(capsys, arguments, message):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.endswith(f"(try ketgrad {arguments[0]} --help)\n")
    assert err.count("\n") == 1
