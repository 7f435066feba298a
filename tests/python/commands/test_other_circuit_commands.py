"""The commands draw, convert and info, end to end."""

import io
import subprocess
import sys

import pytest

import ketgrad as kg
from bell_circuit import bell
from ketgrad.__main__ import main


def test_draw_prints(capsys, folder):
    assert main(["draw", "bell.json"]) == 0
    assert capsys.readouterr().out == bell().measure([0, 1], [0, 1]).draw(0) + "\n"


def test_draw_writes_every_kind(capsys, folder):
    assert main(["draw", "bell.json", "--svg", "a.svg", "--png", "a.png", "--text", "a.txt"]) == 0
    assert capsys.readouterr().out == "wrote a.svg\nwrote a.png\nwrote a.txt\n"
    assert (folder / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "┤M├" in (folder / "a.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "expand"), [([], 0), (["--expand", "1"], 1), (["--expand", "all"], True)]
)
def test_draw_opens_boxes(capsys, folder, options, expand):
    part = kg.Circuit(2).compose(kg.Circuit(2).h(0).cx(0, 1), label="Bell").t(0)
    circuit = kg.library.phase_estimation(part, 2)
    (folder / "boxes.json").write_text(circuit.to_json())
    assert main(["draw", "boxes.json", *options, "--svg", "a.svg", "--png", "a.png"]) == 0
    assert (folder / "a.svg").read_text(encoding="utf-8") == circuit.svg(expand)
    capsys.readouterr()
    assert main(["draw", "boxes.json", *options]) == 0
    assert capsys.readouterr().out == circuit.draw(0, expand) + "\n"


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
