"""The commands run, draw, convert and info, end to end."""

import io
import json
import subprocess
import sys

import pytest

import ketgrad as kg
from ketgrad.__main__ import main
from ketgrad.commands.run import text_histogram

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
    assert captured.err == "no measurements: all qubits are measured at the end\n"
    assert "w[0]" in failure(capsys, "run", "c.json")
    command = ["run", "c.json", "--shots", "1000", "--seed", "1", "--set"]
    assert main([*command, "w[0]=-(2*pi)/4"]) == 0
    assert main([*command, "w[0]=-1.5707963267948966"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == lines[2:]


def test_run_sets_registers_apart_and_lists_them(capsys, folder):
    circuit = kg.Circuit([("q", 3)], [("c", 2), ("d", 1)]).x(0).x(2)
    (folder / "c.json").write_text(circuit.measure([0, 1, 2], [0, 1, 2]).to_json())
    assert main(["run", "c.json", "--shots", "1e2", "--json", "out.json"]) == 0
    assert "1 01  100  1.000" in capsys.readouterr().out
    document = json.loads((folder / "out.json").read_text())
    assert document["counts"] == {"101": 100}
    assert document["registers"] == [{"name": "c", "size": 2}, {"name": "d", "size": 1}]
    assert document["shots"] == document["shots_run"] == 100


def test_run_writes_only_json_to_standard_output(capsys, folder):
    assert main(["run", "bell.qasm", "--seed", "1", "--shots", "100", "--json", "-"]) == 0
    captured = capsys.readouterr()
    assert sum(json.loads(captured.out)["counts"].values()) == 100
    assert captured.err == ""


@pytest.mark.parametrize(
    ("conditions", "outcomes"),
    [
        (["c=0"], {"00"}),
        (["c=0b11"], {"11"}),
        (["c[1]=1"], {"11"}),
        (["c[0]=0", "c[1]=0"], {"00"}),
    ],
)
def test_run_postselects(capsys, folder, conditions, outcomes):
    options = [text for each in conditions for text in ("--postselect", each)]
    assert main(["run", "bell.qasm", "--seed", "1", "--json", "out.json", *options]) == 0
    document = json.loads((folder / "out.json").read_text())
    assert set(document["counts"]) == outcomes
    assert document["shots"] < document["shots_run"] == 1000
    assert document["postselect"] == [each.replace("0b11", "3") for each in conditions]
    assert f"{document['shots']} of 1000 shots kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (["d=0"], "no register of classical bits called 'd'; there is 'c'"),
        (["c=4"], "c=4: 2 bit(s) hold 0 to 3"),
        (["c[2]=0"], "c[2]=0: register 'c' has 2 bit(s)"),
        (["c[1]=2"], "c[1]=2: 1 bit(s) hold 0 to 1"),
        (["c=1", "c[0]=0"], "c[0]=0 contradicts"),
        (["c=1"], "none of 1000 shots"),
    ],
)
def test_postselections_that_cannot_be(capsys, folder, conditions, message):
    options = [text for each in conditions for text in ("--postselect", each)]
    assert message in failure(capsys, "run", "bell.qasm", *options)


def test_strict_reading_is_for_every_command(capsys, folder):
    (folder / "sloppy.qasm").write_text("qreg q[1]; creg c[1]; measure q -> c;")
    for command in (["run"], ["draw"], ["info"], ["convert", "-"]):
        arguments = [command[0], "sloppy.qasm", *command[1:]]
        assert main(arguments) == 0
        capsys.readouterr()
        assert "sloppy.qasm:1:1: expected 'OPENQASM 2.0;'" in failure(
            capsys, *arguments, "--strict"
        )
    assert main(["run", "bell.qasm", "--strict"]) == 0
    (folder / "three.qasm").write_text("OPENQASM 3; qubit q;")
    assert "three.qasm:1:10: expected the version 2.0" in failure(
        capsys, "info", "three.qasm", "--strict"
    )


def test_the_bar_shows_long_runs_on_terminals_only(capsys, folder, monkeypatch):
    command = ["run", "bell.qasm", "--shots", "10"]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(command) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("ketgrad.commands.run._SHORT_SECONDS", 0.0)
    assert main(command) == 0
    err = capsys.readouterr().err
    assert "% of the shots" in err
    assert err.endswith("\r")
    assert not err.split("\r")[-2].strip()  # gone
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert main(command) == 0
    assert capsys.readouterr().err == ""


def test_run_with_noise(capsys, folder):
    (folder / "noise.json").write_text(kg.NoiseModel().to_json())
    for method in ("trajectories", "density_matrix"):
        command = ["run", "bell.json", "--shots", "10", "--noise", "noise.json"]
        assert main([*command, "--method", method]) == 0
    capsys.readouterr()
    (folder / "noise.json").write_text("{")
    assert "noise.json: " in failure(capsys, "run", "bell.json", "--noise", "noise.json")
    (folder / "noise.json").write_bytes(b"\xff")
    message = "noise.json is not text: byte 0 is not UTF-8"
    assert message in failure(capsys, "run", "bell.json", "--noise", "noise.json")


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
        (["run", "x", "--set", "w=pi/0"], "NAME=NUMBER"),
        (["run", "x", "--shots", "1.5"], "'1.5' is not an integer; it must be at least 1"),
        (["run", "x", "--postselect", "c"], "REGISTER=NUMBER"),
        (["run", ""], "the name of the file is empty"),
        (["run", "x", "--loud"], "unrecognized arguments: --loud"),
        (["draw", "x", "--svg", "-", "--text", "-"], "only one output can be -"),
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
    assert captured.err.endswith(f"(try ketgrad {arguments[0]} --help)\n")
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


@pytest.mark.parametrize("option", ["--svg", "--text"])
def test_draw_to_standard_output(capsys, folder, option):
    assert main(["draw", "bell.json", "--svg", "a.svg", "--text", "a.txt"]) == 0
    capsys.readouterr()
    assert main(["draw", "bell.json", option, "-", "--png", "a.png"]) == 0
    captured = capsys.readouterr()
    expected = folder / ("a.svg" if option == "--svg" else "a.txt")
    assert captured.out == expected.read_text(encoding="utf-8")
    assert captured.err == "wrote a.png\n"


def test_draw_reads_standard_input(capsys, folder, monkeypatch):
    for name in ("bell.json", "bell.qasm"):
        monkeypatch.setattr(
            sys, "stdin", io.TextIOWrapper(io.BytesIO((folder / name).read_text().encode()))
        )
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


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        ([], "OPENQASM 3"),
        (["--version", "2"], "OPENQASM 2"),
        (["--to", "qasm", "--version", "2"], "OPENQASM 2"),
        (["--to", "json"], "{"),
    ],
)
def test_convert_to_standard_output(capsys, folder, options, begin):
    assert main(["convert", "bell.json", "-", *options]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(begin)
    assert captured.err == ""
    (folder / "back").write_text(captured.out)
    assert main(["convert", "back", "back.json"]) == 0
    back = kg.Circuit.from_json((folder / "back.json").read_text())
    assert back == bell().measure([0, 1], [0, 1])


def test_convert_to_a_name_with_another_ending(capsys, folder):
    assert main(["convert", "bell.json", "c.txt", "--to", "json"]) == 0
    assert kg.Circuit.from_json((folder / "c.txt").read_text()).n_qubits == 2


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


# What no circuit can be read from


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


def test_a_value_given_twice_is_refused(capsys, folder):
    assert main(["run", "bell.qasm", "--set", "a=1", "--set", "a=2"]) == 2
    assert "--set gives 'a' twice, 1.0 and 2.0" in capsys.readouterr().err


def test_errors_go_nowhere_where_stderr_is_closed(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["run", "nofile.qasm"]) == 1
    assert capsys.readouterr().out == ""
