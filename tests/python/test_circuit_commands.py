"""The commands run, draw, convert and info, end to end."""

import io
import json
import subprocess
import sys

import pytest

import ketgrad as kg
from ketgrad.__main__ import main
from ketgrad._commands.run import text_histogram

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\nh q[0];\ncx q[0],q[1];\n'


def bell() -> kg.Circuit:
    return kg.Circuit(2, 2).h(0).cx(0, 1)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bell.json").write_text(bell().measure([0, 1], [0, 1]).to_json())
    (tmp_path / "bell.qasm").write_text(BELL + "measure q -> c;\n")
    return tmp_path


def failure(capsys, *arguments: str) -> str:
    """Run a command that fails; returns its one line."""
    assert main(list(arguments)) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("ketgrad: error: ")
    assert captured.err.count("\n") == 1
    return captured.err


# run


@pytest.mark.parametrize("name", ["bell.json", "bell.qasm"])
def test_run_counts(capsys, folder, name):
    command = ["run", name, "--shots", "500", "--seed", "1", "--json", "out.json"]
    assert main(command) == 0
    out = capsys.readouterr().out
    document = json.loads((folder / "out.json").read_text())
    assert document["format"] == "ketgrad.counts"
    assert set(document["counts"]) == {"00", "11"}
    assert sum(document["counts"].values()) == 500
    for outcome, count in document["counts"].items():
        assert f"{outcome}  {count}  {count / 500:.3f}" in out
    assert main(command) == 0
    assert json.loads((folder / "out.json").read_text()) == document


def test_run_measures_what_is_not_measured_and_takes_values(capsys, folder):
    (folder / "c.json").write_text(kg.Circuit(2).rx(kg.Parameter("w[0]"), 1).to_json())
    assert main(["run", "c.json", "--shots", "10", "--set", "w[0]=3.141592653589793"]) == 0
    captured = capsys.readouterr()
    assert "10  10  1.000" in captured.out
    assert "all qubits are measured" in captured.err
    assert main(["run", "c.json"]) == 1
    assert "w[0]" in capsys.readouterr().err.splitlines()[-1]


def test_run_with_noise(capsys, folder):
    (folder / "noise.json").write_text(kg.NoiseModel().to_json())
    for method in ("trajectories", "density_matrix"):
        command = ["run", "bell.json", "--shots", "10", "--noise", "noise.json"]
        assert main([*command, "--method", method]) == 0
    capsys.readouterr()
    (folder / "noise.json").write_text("{")
    assert "noise.json: " in failure(capsys, "run", "bell.json", "--noise", "noise.json")


def test_histogram_of_many_outcomes_is_short():
    counts = {f"{k:03b}": k for k in range(1, 8)}
    lines = text_histogram(counts, 3, 40).splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["111", "110", "101"]
    assert lines[3] == "and 4 more outcomes, 10 shots together (0.357)"
    assert max(map(len, lines[:3])) <= 40


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "FILE"),
        (["run", "x", "--shots", "0"], "at least 1"),
        (["run", "x", "--set", "w"], "NAME=NUMBER"),
        (["run", "x", "--set", "w=much"], "NAME=NUMBER"),
        (["draw", "x", "--width", "-1"], "at least 0"),
        (["convert", "x"], "OUT"),
        (["convert", "x", "y.qasm", "--version", "4"], "--version"),
        (["convert", "x", "c.txt"], "must end in .qasm or .json"),
    ],
)
def test_wrong_usage_is_one_line(capsys, arguments, message):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


# draw


def test_draw_prints(capsys, folder):
    assert main(["draw", "bell.json"]) == 0
    assert capsys.readouterr().out == bell().measure([0, 1], [0, 1]).draw(0) + "\n"


def test_draw_writes_every_kind(capsys, folder):
    assert main(["draw", "bell.json", "--svg", "a.svg", "--png", "a.png", "--text", "a.txt"]) == 0
    assert capsys.readouterr().out == "wrote a.svg\nwrote a.png\nwrote a.txt\n"
    assert (folder / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "┤M├" in (folder / "a.txt").read_text(encoding="utf-8")


def test_draw_reads_standard_input(capsys, folder, monkeypatch):
    for name in ("bell.json", "bell.qasm"):
        monkeypatch.setattr(sys, "stdin", io.StringIO((folder / name).read_text()))
        assert main(["draw", "-"]) == 0
        assert "┤ H ├" in capsys.readouterr().out


def test_a_reader_that_has_enough_is_no_error(folder):
    script = f"{sys.executable} -m ketgrad draw bell.json --width 8 | head -n 1; echo $?"
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=True)
    assert done.stderr == ""


# convert


@pytest.mark.parametrize("version", ["2", "3"])
def test_convert_there_and_back(capsys, folder, version):
    assert main(["convert", "bell.json", "c.qasm", "--version", version]) == 0
    assert f"OPENQASM {version}" in (folder / "c.qasm").read_text()
    assert main(["convert", "c.qasm", "back.json"]) == 0
    assert capsys.readouterr().out == "wrote c.qasm\nwrote back.json\n"
    back = kg.Circuit.from_json((folder / "back.json").read_text())
    assert back == bell().measure([0, 1], [0, 1])


# info


def test_info_of_a_circuit(capsys, folder):
    assert main(["info", "bell.json"]) == 0
    out = capsys.readouterr().out
    for line in ("qubits            2 (q[2])", "classical bits    2 (c[2])", "depth             3"):
        assert line in out
    assert "operations        4 (measure 2, cx 1, h 1)" in out
    assert f"{kg.State.bytes(2)} bytes a state" in out
    assert "(measured)" in out


def test_info_of_what_cannot_run(capsys, folder):
    wide = kg.Circuit(1000).h(999)
    (folder / "wide.json").write_text(wide.to_json())
    assert main(["info", "wide.json"]) == 0
    assert "no machine holds a state of 1000 qubits" in capsys.readouterr().out
    dynamic = kg.Circuit(30, 1).measure(0, 0).when({0: 1}, kg.Circuit(30).x(1))
    (folder / "dynamic.json").write_text(dynamic.to_json())
    assert main(["info", "dynamic.json"]) == 0
    out = capsys.readouterr().out
    assert "dynamic" in out
    assert "scaled from" in out


# Files that are not as they should be.


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
    assert "folder" in failure(capsys, "draw", "bell.json", "--svg", "no/folder/a.svg")
