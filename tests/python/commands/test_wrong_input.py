"""Wrong input of every kind: one line of bounded length, nothing on stdout, no file touched."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ketgrad as kg
from ketgrad.__main__ import main

ROWS = np.random.default_rng(0).normal(size=(12, 2))
LONG = "x" * 10**5
TRAINING = ["--target", "y", "--output", "study", "--no-plots"]
MODELS = {"model.json": kg.VQClassifier(max_iter=2, tol=0, n_layers=1, random_state=0)}
FILES: dict[str, str | bytes] = {
    "data.csv": "a,b,y\n" + "".join(f"{a},{b},{'pq'[int(a > b)]}\n" for a, b in ROWS),
    "odd.csv": "a,b,y\n1,2\n",
    "one_class.csv": "a,b,y\n" + "1,2,p\n3,1,p\n" * 5,
    "no_rows.csv": "a,b,y\n",
    "twice.csv": "a,a,y\n1,2,p\n",
    "no_names.csv": "1,2,3\n4,5,6\n",
    "text.csv": "a,b,y\n" + "1,\x1b[2J,1\n2,3,2\n3,4,x\n" * 5,
    "gaps.csv": "a,b,y\n" + "1,,p\n2,3,q\n3,4,p\n" * 6,
    "infinite.csv": "a,b,y\n" + "1,inf,p\n2,3,q\n" * 6,
    "quote.csv": 'a,b,y\n"1,2,p\n',
    "long.csv": "a,b,y\n" + f"1,2,{LONG}\n2,3,4\n3,4,5\n" * 3,
    "empty": "",
    "binary": bytes(range(256)),
    "cut.json": '{"format": "ketgrad.est',
    "list.json": "[1, 2]",
    "deep.json": "[" * 10**5,
    "huge.json": "9" * 5000,
    "zeros.json": b"\0" * 50,
    "bell.qasm": 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; h q[0]; cx q[0], q[1];',
    "wide.qasm": 'OPENQASM 2.0; include "qelib1.inc"; qreg q[90]; h q;',
    "unknown.qasm": f"OPENQASM 3; qubit q; {LONG} q;",
    "noise.json": kg.NoiseModel().to_json(),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wrong")
    for name, content in FILES.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    for name, model in MODELS.items():
        model.fit(ROWS, ROWS[:, 0] > ROWS[:, 1]).save(folder / name)
    (folder / "folder").mkdir()
    return folder


DAMAGED = ["empty", "binary", "cut.json", "list.json", "deep.json", "huge.json", "zeros.json"]
NO_MODELS = [*DAMAGED, "folder", "no"]
NO_TABLES = [
    ("odd.csv", "line 2: 2 value(s)"),
    ("one_class.csv", "always 'p'"),
    ("no_rows.csv", "no rows"),
    ("twice.csv", "two columns are called 'a'"),
    ("no_names.csv", "the first line must name the columns"),
    ("gaps.csv", "--missing"),
    ("infinite.csv", "'inf' is not finite"),
    ("quote.csv", "line 2"),
    ("empty", "is empty"),
    ("binary", "is not text"),
    ("folder", "directory"),
    ("no", "No such file"),
]
WRONG: list[tuple[list[str], int, str]] = [
    *((["predict", name, "data.csv"], 1, name) for name in (*NO_MODELS, "noise.json")),
    *((["export", name, "--html", "page.html"], 1, name) for name in NO_MODELS),
    *((["train", name, *TRAINING], 1, text) for name, text in NO_TABLES),
    *((["run", "bell.qasm", "--noise", name], 1, name) for name in NO_MODELS),
    *((["draw", name], 1, name) for name in NO_MODELS),
    (["train", "text.csv", "--model", "regressor", *TRAINING], 1, "'x' is not a number"),
    (["train", "long.csv", "--model", "regressor", *TRAINING], 1, "xxx... is not a number"),
    (["train", "data.csv", *TRAINING, "--ignore", "y"], 2, "leaves out the target 'y'"),
    (["train", "data.csv", *TRAINING, "--categories", "no"], 1, "has no column 'no'"),
    (["train", "data.csv", "--target", LONG], 1, "xxx...; it has 'a', 'b', 'y'"),
    (["train", "data.csv", *TRAINING, "--learning-rate", "nan"], 2, "above 0 and below 10"),
    (["train", "data.csv", *TRAINING, "--test-share", "0.9"], 2, "above 0 and below 0.9"),
    (["train", "data.csv", *TRAINING, "--epochs", "9" * 5000], 2, "is not an integer"),
    (["train", "data.csv", *TRAINING, "--seed", "-1"], 2, "from 0 to 4294967295"),
    (["train", "data.csv", "--target", "y", "--output", "data.csv"], 1, "a file, not a folder"),
    (["predict", "model.json", "data.csv", "--output", "data.csv"], 2, "data.csv is read, and"),
    (["predict", "model.json", "data.csv", "--output", "./model.json"], 2, "model.json is read"),
    (["predict", "model.json", "no/../data.csv", "--output", "no/x"], 1, "no folder no"),
    (["draw", "bell.qasm", "--svg", "bell.qasm"], 2, "bell.qasm is read, and the output would"),
    (["draw", "bell.qasm", "--svg", "a", "--text", "./a"], 2, "two outputs have the same name"),
    (["run", "bell.qasm", "--json", "folder/../bell.qasm"], 2, "bell.qasm is read"),
    (["run", "bell.qasm", "--noise", "noise.json", "--json", "noise.json"], 2, "is read"),
    (["run", "bell.qasm", "--set", f"{LONG}=1"], 1, "has no parameter"),
    (["run", "bell.qasm", "--top", "inf"], 2, "at least 1"),
    (["run", "wide.qasm"], 1, "the limit is 62"),
    (["run", "unknown.qasm"], 1, "there is no gate called"),
    (["run", "\x1b[2J"], 1, "\\x1b[2J: No such file"),
    (["plan", "bell.qasm", "--ranks", "3"], 1, "power"),
    (["plan", "bell.qasm", "--ranks", "2", "--observable", LONG], 1, "Pauli text"),
    (["bench", "--output", ""], 2, "the name of the file is empty"),
    (["demo", "--output", ""], 2, "the name of the file is empty"),
    (["reproduce", "bandwidth", "--output", ""], 2, "the name of the file is empty"),
    (["reproduce", LONG], 1, "there is no experiment"),
    ([LONG], 2, "invalid choice"),
    (["run", "bell.qasm", f"--{LONG}"], 2, "unrecognized arguments"),
]


def seen(folder: Path) -> dict[str, bytes | None]:
    return {str(p): None if p.is_dir() else p.read_bytes() for p in folder.rglob("*")}


def name_of(case: list[str]) -> str:
    return " ".join(text[:20] for text in case).encode("unicode_escape").decode()


@pytest.mark.parametrize(
    ("arguments", "code", "message"), WRONG, ids=[name_of(case) for case, _, _ in WRONG]
)
def test_wrong_input_is_one_line_and_changes_nothing(
    place, capsys, monkeypatch, arguments, code, message
):
    monkeypatch.chdir(place)
    before = seen(place)
    assert main(arguments) == code
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert len(captured.err) < 1200
    assert captured.err[:-1].isprintable()
    assert captured.out == ""
    assert seen(place) == before


@pytest.mark.parametrize("wrong", [["no-command"], ["run", "bell.qasm", "--shots", "0"]])
@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_wrong_usage_ends_with_2_where_nobody_is_told(place, wrong, stderr):
    if stderr.endswith("full") and not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    command = ["sh", "-c", f'exec "$@" {stderr}', "sh", sys.executable, "-m", "ketgrad", *wrong]
    assert subprocess.run(command, cwd=place, check=False).returncode == 2


def test_names_of_columns_do_not_steer_the_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    head = f"a,\x1b[2J{LONG},y\n"
    Path("data.csv").write_text(head + "1,\x07,p\n2,s,q\n3,s,p\n4,\x07,q\n" * 4)
    assert main(["train", "data.csv", *TRAINING, "--epochs", "1"]) == 0
    out = capsys.readouterr().out
    assert "  \\x1b[2Jxxx" in out
    assert "2 categories (\\x07, s)" in out
    assert all(line.isprintable() and len(line) < 200 for line in out.splitlines())
