"""The command run, end to end."""

import json
import sys

import pytest

import ketgrad as kg
from failing_commands import failure
from ketgrad.__main__ import main
from ketgrad.commands.run import text_histogram


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


def test_every_command_takes_the_most_rounds_of_a_loop(capsys, folder):
    until = "OPENQASM 3; qubit q; bit b = 1; while (b) { h q; b = measure q; }"
    (folder / "until.qasm").write_text(until)
    for command in (["run"], ["draw"], ["info"], ["convert", "-"], ["plan", "--ranks", "2"]):
        arguments = [command[0], "until.qasm", *command[1:]]
        assert "max_rounds says how many" in failure(capsys, *arguments)
        if command[0] != "plan":  # of circuits without measurements alone
            assert main([*arguments, "--max-rounds", "3"]) == 0
            capsys.readouterr()
    assert main(["convert", "until.qasm", "until.json", "--max-rounds", "3"]) == 0
    circuit = kg.Circuit.from_json((folder / "until.json").read_text())
    assert circuit == kg.Circuit.from_qasm(until, max_rounds=3)
    capsys.readouterr()
    assert main(["info", "until.qasm", "--max-rounds", "0"]) == 2
    assert "0 is out of range; it must be at least 1" in capsys.readouterr().err


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


def test_a_value_given_twice_is_refused(capsys, folder):
    assert main(["run", "bell.qasm", "--set", "a=1", "--set", "a=2"]) == 2
    assert "--set gives 'a' twice, 1.0 and 2.0" in capsys.readouterr().err


VECTOR = kg.ParameterVector("w", 2)


def test_values_of_a_vector(capsys, folder):
    (folder / "c.json").write_text(kg.Circuit(2).rx(VECTOR, range(2)).to_json())
    command = ["run", "c.json", "--shots", "10", "--set"]
    assert main([*command, "w=pi,0"]) == 0
    assert "01  10  1.000" in capsys.readouterr().out
    assert main([*command, "w[0]=pi", "--set", "w[1]=pi"]) == 0
    assert "11  10  1.000" in capsys.readouterr().out
    (folder / "c.json").write_text(kg.Circuit(1).rx(kg.ParameterVector("w", 1), 0).to_json())
    assert main([*command, "w=pi,"]) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["w=1,2,3"], "the vector 'w' has 2 elements; it got 3 value(s)"),
        (["w=1,"], "the vector 'w' has 2 elements; it got 1 value(s)"),
        (["w=1"], "the vector 'w' has 2 elements; it got 1 value(s)"),
        (["v=1,2"], "'v'"),
        (["w[0]=1,2", "w[1]=1"], "'w[0]' is a single parameter; it got 2 values in a list"),
        (["w=1,2", "w[0]=1"], "'w[0]' is given twice: by its own name and by that of its vector"),
        (["w=1,2", "w=1,2"], "--set gives 'w' twice"),
        (["w=1,,2"], "'w=1,,2' must be NAME=NUMBER"),
        (["w=,"], "'w=,' must be NAME=NUMBER"),
        (["w=1,a"], "'w=1,a' must be NAME=NUMBER"),
    ],
)
def test_wrong_values_of_a_vector_are_refused(capsys, folder, options, message):
    (folder / "c.json").write_text(kg.Circuit(2).rx(VECTOR, range(2)).to_json())
    sets = [part for option in options for part in ("--set", option)]
    assert main(["run", "c.json", *sets]) in (1, 2)
    assert message in capsys.readouterr().err
