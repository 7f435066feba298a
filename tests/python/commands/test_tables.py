"""Tables as people have them: what ketgrad train and predict read columns as, and say of them."""

import io

import numpy as np
import pandas as pd
import pytest

import ketgrad as kg
from ketgrad.__main__ import main
from ketgrad.commands.notices import forget
from ketgrad.commands.table import read_table

TRAIN = ["--epochs", "2", "--layers", "1", "--no-plots"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    forget()


def table(folder, text, *options):
    (folder / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table("t.csv", *options)


def numbers(found, name):
    return [found.number(row, name) for row in range(len(found))]


def trained(folder, capsys, text, *options):
    """Train on a file; returns the model, what was printed and what was noted."""
    (folder / "d.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["train", "d.csv", "--target", "y", *TRAIN, *options]) == 0
    captured = capsys.readouterr()
    return kg.load(folder / "out" / "model.json"), captured.out, captured.err


def refusal(capsys, *arguments):
    assert main(list(arguments)) == 1
    return capsys.readouterr().err


def rows(*columns):
    return "".join(",".join(map(str, row)) + "\n" for row in zip(*columns, strict=True))


A = [f"{k}.5" for k in range(24)]


def test_one_number_is_one_class_however_it_is_written(folder, capsys):
    y = ["1", "1.0", "2", "2.0"] * 6
    model, out, _ = trained(folder, capsys, "a,y\n" + rows(A, y))
    assert model.classes_.tolist() == [1, 2]
    assert "target: 2 classes (1, 2)" in out
    y = ["1.50", "1.5", "2.5", "+2.5"] * 6
    model, _, _ = trained(folder, capsys, "a,y\n" + rows(A, y), "--model", "classifier")
    assert model.classes_.tolist() == ["1.5", "2.5"]
    y = ["1", "1.0", "x", "01"] * 6  # texts, of which some are numbers
    model, out, _ = trained(folder, capsys, "a,y\n" + rows(A, y))
    assert model.classes_.tolist() == ["1", "x"]
    assert "18 are numbers, not in line 4: 'x'" in out


@pytest.mark.parametrize("mark", ["-", "?", "NA", "n/a", "", "--", ".", "NaN", "#N/A", "*"])
def test_a_mark_among_numbers_is_a_missing_value(folder, capsys, mark):
    b = [f"{k * k}.25" for k in range(24)]
    b[6] = mark
    text = "a,b,y\n" + rows(A, b, ["p", "q"] * 12)
    (folder / "d.csv").write_text(text)
    message = refusal(capsys, "train", "d.csv", "--target", "y")
    assert "d.csv, line 8, column 'b': the value is missing" in message
    model, out, _ = trained(folder, capsys, text, "--missing", "mean")
    assert model.feature_names_in_.tolist() == ["a", "b"]
    assert f"1 missing, first in line 8: {mark!r}" in out
    (folder / "new.csv").write_text(f"a,b\n1,{mark}\n2,3\n")  # reads by the same rule
    message = refusal(capsys, "predict", "out/model.json", "new.csv")
    assert "new.csv, line 2, column 'b': the value is missing" in message
    assert main(["predict", "out/model.json", "new.csv", "--missing", "mean"]) == 0


def test_marks_may_be_classes(folder, capsys):
    model, _, _ = trained(folder, capsys, "a,y\n" + rows(A, ["+", "-"] * 12))
    assert model.classes_.tolist() == ["+", "-"]


def test_an_index_of_pandas_is_left_out(folder, capsys):
    frame = pd.DataFrame({"a": np.arange(24) / 7, "y": ["p", "q"] * 12})
    for _ in range(2):  # written, read and written again: "Unnamed: 0" as well
        text = frame.to_csv()
        model, _, err = trained(folder, capsys, text)
        assert model.feature_names_in_.tolist() == ["a"]
        assert "d.csv: the first column has no name, as an index that pandas writes: left" in err
        frame = pd.read_csv(io.StringIO(text)).drop(columns=["a"]).assign(a=frame["a"])
    found = table(folder, "a,b,\n1,2,\n3,4,\n")  # a separator at every end
    assert found.names == ["a", "b"]


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
def test_separators_are_found(folder, separator):
    name = "tab" if separator == "\t" else separator
    text = separator.join(["a", "b"]) + "\n" + separator.join(['"x, y;z|w"', "2"]) + "\n"
    for found in (table(folder, text), table(folder, text, name)):
        assert found.names == ["a", "b"]
        assert found.columns["a"] == ["x, y;z|w"]
    # More commas in the first line, but not in all.
    found = table(folder, "a;b, c, d, e\n1;2\n3;4\n")
    assert found.names == ["a", "b, c, d, e"]


def test_encodings(folder, capsys):
    text = "größe,y\n" + rows(A, ["süß", "herb"] * 12)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
        model, _, err = trained(folder, capsys, text.encode(encoding))
        assert model.feature_names_in_.tolist() == ["größe"], encoding
        assert model.classes_.tolist() == ["herb", "süß"]
        assert ("line 1: the file is not UTF-8 text; read as Latin-1" in err) == (
            encoding == "latin-1"
        )


def test_decimal_commas_and_thousands(folder, capsys):
    found = table(folder, "a;b;c;d\n1,5;1.234,5;1,234.5;7\n-2;10;1,000;8.5\n,25;1.000;2;1e3\n")
    assert numbers(found, "a") == [1.5, -2.0, 0.25]
    assert numbers(found, "b") == [1234.5, 10.0, 1000.0]
    assert numbers(found, "c") == [1234.5, 1000.0, 2.0]
    assert numbers(found, "d") == [7.0, 8.5, 1000.0]
    assert not table(folder, "a;b\n1,5;1\n1.5;2\n").is_numeric("a")  # two notations
    text = "a;b\n1,234;1\n2,345;2\n"
    with pytest.raises(ValueError, match=r"line 2, column 'a': '1,234' may be 1.234 or 1234"):
        table(folder, text).number(0, "a")
    assert numbers(table(folder, text, None, ","), "a") == [1.234, 2.345]
    assert numbers(table(folder, text, None, "."), "a") == [1234.0, 2345.0]
    b = [f"{k},5" for k in range(24)]
    text = "b;y\n" + rows(b, ["p", "q"] * 12).replace(",p", ";p").replace(",q", ";q")
    _, out, _ = trained(folder, capsys, text)
    assert "decimal commas" in out


def test_numbers_that_python_reads_and_tables_do_not(folder):
    found = table(folder, "a,b,c\n1_000,0x1F,inf\n1,2,3\n")
    assert not found.is_numeric("a")
    assert not found.is_numeric("b")
    with pytest.raises(ValueError, match="'inf' is not finite"):
        found.number(0, "c")


def test_dates_are_refused_as_features(folder, capsys):
    dates = [f"2024-01-{k % 5 + 1:02d}" for k in range(24)]
    (folder / "d.csv").write_text("a,when,y\n" + rows(A, dates, ["p", "q"] * 12))
    message = refusal(capsys, "train", "d.csv", "--target", "y")
    assert "d.csv, line 2, column 'when': '2024-01-01' is a date" in message
    assert "--ignore" in message
    _, out, _ = trained(folder, capsys, (folder / "d.csv").read_text(), "--ignore", "when")
    assert "when  ignored" in out


def test_the_report_tells_of_oddities(folder, capsys):
    columns = {
        "zip": [f"{k:03d}" for k in range(24)],
        "id": [str(10**17 + k) for k in range(24)],
        "site": ["7"] * 24,
        "answer": ["yes", "Yes", "no"] * 8,
        "floor": ["1", "2", "G"] * 8,
        "truth": ["True", "False"] * 12,
        "y": ["p", "q"] * 12,
    }
    text = ",".join(columns) + "\n" + rows(*columns.values())
    model, out, err = trained(folder, capsys, text)
    lines = {line.split()[0]: line for line in out.splitlines() if line.startswith("  ")}
    assert "numbers" in lines["zip"]
    assert "leading zeros are lost, as in line 2: '000'" in lines["zip"]
    assert "more digits than numbers keep, as in line 2: '100000000000000000'" in lines["id"]
    assert "constant: left out" in lines["site"]
    assert "'site' is always '7': left out" in err
    assert "3 categories (yes, Yes, no)  'Yes' and 'yes' differ in case alone" in lines["answer"]
    assert "16 are numbers, not in line 4: 'G'" in lines["floor"]
    assert "2 categories (True, False)" in lines["truth"]
    assert "target: 2 classes (p, q)" in lines["y"]
    assert out.index("d.csv: 24 rows, read as") < out.index("test accuracy")
    assert "floor=G" in model.feature_names_in_


def test_constant_columns_are_named(folder, capsys):
    (folder / "d.csv").write_text("a,b,y\n" + rows(["1", "1.0"] * 12, ["x"] * 24, ["p", "q"] * 12))
    message = refusal(capsys, "train", "d.csv", "--target", "y")
    assert "no columns to learn from: 'a', 'b' always have the same value" in message
    (folder / "d.csv").write_text("y\n" + rows(["p", "q"] * 12))
    message = refusal(capsys, "train", "d.csv", "--target", "y")
    assert "no columns to learn from: there is the target alone" in message


@pytest.mark.parametrize("y", [["p", "q"] * 12, ["0.5", "1.5"] * 12])
def test_a_typo_in_numbers_is_told_with_its_line(folder, capsys, y):
    b = [str(k % 5) for k in range(24)]
    b[10] = "1o"
    text = "a,b,y\n" + rows(A, b, y)
    (folder / "d.csv").write_text(text)
    message = refusal(capsys, "train", "d.csv", "--target", "y", *TRAIN)
    assert "d.csv, line 12, column 'b': '1o' is not a number, as 23 of the 24 values are" in message
    assert "mend it, or say --categories b" in message
    model, out, _ = trained(folder, capsys, text, "--categories", "b")
    assert "b=1o" in model.feature_names_in_
    assert "6 categories (0, 1, 2, 3, …)  23 are numbers, not in line 12: '1o'" in out


def test_typos_among_many_numbers_and_in_decimal_commas(folder, capsys):
    b = [f"{k % 5},5" for k in range(60)]
    b[7] = b[9] = b[20] = "x"
    text = "b;y\n" + "".join(f"{value};{'pq'[k % 2]}\n" for k, value in enumerate(b))
    (folder / "d.csv").write_text(text)
    message = refusal(capsys, "train", "d.csv", "--target", "y", *TRAIN)
    assert "line 9, column 'b': 'x' is not a number, as 57 of the 60 values are" in message
    assert "likewise in lines 11, 22" in message
    _, _, _ = trained(folder, capsys, text.replace("x", "1,5"))
    (folder / "new.csv").write_text("b\n1,5\n2,O\n")
    message = refusal(capsys, "predict", "out/model.json", "new.csv", "--sep", ";")
    assert "new.csv, line 3, column 'b': '2,O' is not a number" in message


def test_a_typo_in_the_target(folder, capsys):
    y = ["0", "1"] * 12
    y[5] = "l"
    (folder / "d.csv").write_text("a,y\n" + rows(A, y))
    message = refusal(capsys, "train", "d.csv", "--target", "y", *TRAIN)
    assert "line 7, column 'y': 'l' is not a number, as 23 of the 24 values are" in message
    assert "--model classifier" in message
    _, out, _ = trained(
        folder, capsys, "a,y\n" + rows(A, y), "--model", "classifier", "--seed", "1"
    )
    assert "3 classes (0, 1, l)" in out


def test_numbers_that_are_names(folder, capsys):
    month = [str(k % 4 + 1) for k in range(24)]
    month[3] = "-"
    text = "month,y\n" + rows(month, ["p", "q"] * 12)
    options = ["--categories", "month", "--missing", "mean"]
    model, out, _ = trained(folder, capsys, text, *options)
    assert model.feature_names_in_.tolist() == [f"month={k}" for k in range(1, 5)]
    assert "month  4 categories (1, 2, 3, 4)  1 missing" in out
    many = "a,y\n" + rows(A, ["p", "q"] * 12)
    (folder / "d.csv").write_text(many)
    message = refusal(capsys, "train", "d.csv", "--target", "y", "--categories", "a")
    assert "24 different values are too many for a category" in message
    assert "no column 'b'" in refusal(
        capsys, "train", "d.csv", "--target", "y", "--categories", "b"
    )
    assert main(["train", "d.csv", "--target", "y", "--categories", "y"]) == 2


def test_missing_values_as_features(folder, capsys):
    rng = np.random.default_rng(0)
    gap = rng.integers(2, size=80).astype(bool)
    b = [
        ("" if lacks else f"{value:.3f}")
        for lacks, value in zip(gap, rng.normal(size=80), strict=True)
    ]
    colour = ["red", "blue", "NA", "red"] * 20
    text = "b,colour,y\n" + rows(b, colour, np.where(gap, "p", "q"))
    options = ["--missing", "indicate", "--epochs", "60", "--layers", "3"]
    model, _, _ = trained(folder, capsys, text, *options)
    assert model.feature_names_in_.tolist() == [
        "b",
        "b is missing",
        "colour=blue",
        "colour=red",
        "colour is missing",
    ]
    # What only being missing tells is learned, and predict needs not be told again.
    (folder / "new.csv").write_text("colour,b\nred,\nred,0.1\nNA,-0.2\nNA,\n")
    assert main(["predict", "out/model.json", "new.csv"]) == 0
    assert capsys.readouterr().out.split() == ["prediction", "p", "q", "q", "p"]
    # A column that lacked nothing then has no such feature.
    full = "b,colour,y\n" + rows(A, ["red", "blue"] * 12, ["p", "q"] * 12)
    trained(folder, capsys, full, "--missing", "indicate")
    message = refusal(capsys, "predict", "out/model.json", "new.csv")
    assert "new.csv, line 2, column 'b': the value is missing; likewise in lines 4, 5" in message


def test_very_many_features_are_told(folder, capsys):
    pixels = np.random.default_rng(0).integers(16, size=(24, 64))
    text = ",".join(f"p{k}" for k in range(64)) + ",y\n"
    text += rows(*pixels.T, ["p", "q"] * 12)
    _, _, err = trained(folder, capsys, text)
    assert "64 features are many for 8 qubit(s)" in err
    assert "PCA(8)" in err
    _, _, err = trained(folder, capsys, "a,b,y\n" + rows(A, pixels[:, 0], ["p", "q"] * 12))
    assert "many" not in err


def test_predict_knows_categories_by_their_numbers(folder, capsys):
    floors = ["1", "2", "G"] * 8
    _, _, _ = trained(folder, capsys, "floor,y\n" + rows(floors, ["p", "q"] * 12))
    predictions = []
    for text in ("floor\n1\n2\nG\n", "floor\n1.0\n 2.00\nG\n"):
        (folder / "new.csv").write_text(text)
        assert main(["predict", "out/model.json", "new.csv", "--probabilities"]) == 0
        captured = capsys.readouterr()
        predictions.append(captured.out)
        assert captured.err == ""
    assert predictions[0] == predictions[1]


def test_baselines_that_do_not_converge_are_told(folder, capsys, monkeypatch):
    from sklearn.linear_model import LogisticRegression

    from ketgrad.commands import train

    monkeypatch.setattr(train, "LogisticRegression", lambda **_: LogisticRegression(max_iter=1))
    _, _, err = trained(folder, capsys, "a,y\n" + rows(A, ["p"] * 11 + ["q"] * 13))
    assert "logistic regression: " in err
    assert "quantum" not in err
