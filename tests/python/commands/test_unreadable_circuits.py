"""What no circuit can be read from or written to, and wrong usage, are errors of one line."""

import io
import sys

import pytest

import ketgrad as kg
from bell_circuit import BELL, bell
from failing_commands import failure
from ketgrad.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "FILE"),
        (["run", "x", "--shots", "0"], "at least 1"),
        (["run", "x", "--set", "w"], "NAME=NUMBER"),
        (["run", "x", "--set", "w=much"], "NAME=NUMBER"),
        (["run", "x", "--set", "w=pi/0"], "NAME=NUMBER"),
        (["run", "x", "--shots", "1.5"], "'1.5' is not an integer; it must be at least 1"),
        (["run", "x", "--postselect", "c"], "REGISTER=NUMBER"),
        (["run", ""], "the name of the file is empty"),
        (["run", "x", "--loud"], "unrecognized arguments: --loud"),
        (["draw", "x", "--svg", "-", "--text", "-"], "only one output can be -"),
        (["draw", "x", "--width", "-1"], "at least 0"),
        (["draw", "x", "--expand", "-1"], "at least 0"),
        (["draw", "x", "--expand", "none"], "'none' is not an integer"),
        (["convert", "x"], "OUT"),
        (["convert", "x", "y.qasm", "--version", "4"], "--version"),
        (["convert", "x", "c.txt"], "must end in .qasm or .json"),
    ],
)
def test_wrong_usage_is_one_line(capsys, arguments, message):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.endswith(f"(try ketgrad {arguments[0]} --help)\n")
    assert captured.err.count("\n") == 1


def test_files_that_cannot_be_read(capsys, folder):
    assert "nothing.json: No such file" in failure(capsys, "draw", "nothing.json")
    (folder / "binary.json").write_bytes(b"\x00\xff\xfe")
    assert "binary.json is not text" in failure(capsys, "draw", "binary.json")
    (folder / "cut.json").write_text(bell().to_json()[:-5])
    assert "cut.json: JSON" in failure(capsys, "info", "cut.json")
    (folder / "wrong.json").write_text(bell().to_json().replace('"h"', '"?"'))
    assert "wrong.json: JSON, circuit" in failure(capsys, "run", "wrong.json")
    (folder / "wrong.qasm").write_text(BELL + "nothing q[0];\n")
    assert "wrong.qasm" in failure(capsys, "draw", "wrong.qasm")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "bell.json", "--json", "no/folder/a.json"],
        ["draw", "bell.json", "--text", "a.txt", "--svg", "no/folder/a.svg"],
        ["draw", "bell.json", "--text", "a.txt", "--png", "no/folder/a.png"],
        ["convert", "bell.json", "no/folder/a.json"],
    ],
)
def test_outputs_are_tried_before_the_work(capsys, folder, arguments, monkeypatch):
    before = sorted(folder.iterdir())
    monkeypatch.setattr("ketgrad.commands.circuits.Circuit", None)  # no circuit is ever read
    message = failure(capsys, *arguments)
    assert f"{arguments[-1]}: there is no folder no/folder" in message
    assert sorted(folder.iterdir()) == before


def test_standard_input_that_is_binary_or_closed(capsys, monkeypatch):
    text = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00"), errors="surrogateescape")
    monkeypatch.setattr(sys, "stdin", text)
    assert "standard input is not text: byte 0 is not UTF-8" in failure(capsys, "run", "-")
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input is closed" in failure(capsys, "run", "-")
    assert "standard input is closed" in failure(capsys, "train", "-", "--target", "a")


def test_names_and_options_that_are_not_utf8(capsys, folder):
    (folder / "x\udcff.txt").write_text("qreg q[1]; bad")
    assert "x\\udcff.txt:1:12: there is no gate" in failure(capsys, "draw", "x\udcff.txt")
    assert main(["run", "bell.qasm", "--set", "z\udcff=1"]) == 2


def test_files_that_are_too_large(capsys, folder, monkeypatch):
    monkeypatch.setattr("ketgrad._files._LARGEST", 50)
    for name in ("bell.qasm", "bell.json"):
        assert f"{name} is larger than the limit of 50 bytes" in failure(capsys, "draw", name)
    with pytest.raises(ValueError, match="larger than the limit of 50 bytes"):
        kg.Circuit.from_qasm_file(folder / "bell.qasm")
    assert "larger than the limit" in failure(capsys, "predict", "bell.json", "bell.qasm")


def test_errors_go_nowhere_where_stderr_is_closed(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["run", "nofile.qasm"]) == 1
    assert capsys.readouterr().out == ""
