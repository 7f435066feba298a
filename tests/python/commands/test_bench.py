"""The bench command, on sizes that take no time."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

import ketgrad as kg
from ketgrad import __main__ as command_line
from ketgrad import _core
from ketgrad.commands.bench import command, company, limits
from ketgrad.commands.bench.report import Goal, Point


def run(output: Path, *options: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    tiny = ["--min-qubits", "2", "--max-qubits", "4", "--layers", "1", "--repeats", "1", "--quick"]
    threads = ["--threads", "1", "2"]
    return command.main(parser.parse_args([*tiny, *threads, "--output", str(output), *options]))


@pytest.fixture(autouse=True)
def small_array(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory bandwidth is measured on a small array, and on cores of our own."""
    monkeypatch.setattr(limits, "_WIDE_QUBITS", 10)
    monkeypatch.setattr(company, "_free_cores", float)  # whatever else runs beside the tests
    monkeypatch.setattr(company.Company, "cores", lambda self: 0.0)


def read(output: Path) -> dict[str, Any]:
    return dict(json.loads((output / "scaling.json").read_text()))


def test_writes_json_and_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "new") == 0
    report = read(tmp_path / "new")
    assert report["complete"]
    sizes = {(p["n_qubits"], p["precision"], p["threads"]) for p in report["points"]}
    assert sizes == {(n, p, t) for n in (2, 4) for p in ("single", "double") for t in (1, 2)}
    for point in report["points"]:
        assert point["n_parameters"] == 3 * point["n_qubits"]
        assert 0 < point["forward_seconds"] < point["gradient_seconds"]
        assert point["gate_bytes_per_second"] > 0
        assert point["gate_flops_per_second"] > 0
        assert point["other_cores"] == 0
    assert [row["threads"] for row in report["memory_bandwidth"]] == [1, 2]
    assert all(row["bytes_per_second"] > 0 for row in report["memory_bandwidth"])
    assert [row["threads"] for row in report["peak"]] == [1, 2]
    assert all(row["flops_per_second"] > 1e8 for row in report["peak"])
    assert report["machine"]["simd_target"] in kg.simd_targets()
    assert (tmp_path / "new" / "scaling.png").read_bytes().startswith(b"\x89PNG")
    assert "per forward" in capsys.readouterr().out


def test_options_choose_what_is_measured(tmp_path: Path) -> None:
    assert run(tmp_path, "--threads", "1", "--precision", "single", "--step", "1") == 0
    points = read(tmp_path)["points"]
    assert [(p["n_qubits"], p["precision"], p["threads"]) for p in points] == [
        (n, "single", 1) for n in (2, 3, 4)
    ]


def test_an_interrupt_keeps_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = command.measure
    measured = []

    def interrupted(*args: Any, **options: Any) -> Point:
        if len(measured) == 3:
            raise KeyboardInterrupt
        measured.append(measure(*args, **options))
        return measured[-1]

    monkeypatch.setattr(command, "measure", interrupted)
    assert run(tmp_path) == 130
    report = read(tmp_path)
    assert len(report["points"]) == 3
    assert not report["complete"]
    assert (tmp_path / "scaling.png").exists()


def test_what_does_not_fit_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_core, "available_memory", lambda: 600)
    assert run(tmp_path, "--precision", "double", "--threads", "1") == 0
    report = read(tmp_path)
    assert [p["n_qubits"] for p in report["points"]] == [2, 4]
    assert run(tmp_path, "--precision", "double", "--threads", "1", "--max-qubits", "6") == 0
    assert [p["n_qubits"] for p in read(tmp_path)["points"]] == [2, 4]
    assert "skipped 6 qubits, double, 1 thread" in capsys.readouterr().out


def test_one_state_without_a_second_is_measured_without_a_gradient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_core, "available_memory", lambda: 600)
    options = ("--precision", "double", "--threads", "1", "--max-qubits", "5", "--step", "1")
    assert run(tmp_path, *options) == 0
    points = {p["n_qubits"]: p for p in read(tmp_path)["points"]}
    assert points[5]["gate_bytes_per_second"] > 0
    assert points[5]["forward_seconds"] is points[5]["gradient_per_forward"] is None
    assert points[4]["forward_seconds"] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--min-qubits", "5"], "--min-qubits 5 is more than --max-qubits 4"),
        (["--min-qubits", "17", "--max-qubits", "18"], "more than --max-qubits 16 of --quick"),
        (["--min-qubits", "0"], "0 is out of range; it must be from 1 to 40"),
        (["--max-qubits", "99"], "99 is out of range; it must be from 1 to 40"),
        (["--step", "0"], "0 is out of range; it must be at least 1"),
        (["--layers", "many"], "'many' is not an integer; it must be at least 1"),
        (["--repeats", "0"], "--repeats"),
        (["--threads", "1", "0"], "--threads"),
        (["--wide"], "--wide and --quick contradict each other"),
    ],
)
def test_bad_options_are_refused(
    tmp_path: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = ["bench", "--quick", "--max-qubits", "4", "--output", str(tmp_path)]
    assert command_line.main([*tiny, *options]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "scaling.json").exists()


@pytest.mark.parametrize("name", ["scaling.json", "scaling.png"])
def test_outputs_are_tried_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(command, "_measure_all", None)
    (tmp_path / name).mkdir()
    with pytest.raises(IsADirectoryError, match=name):
        run(tmp_path)


def test_company_on_the_cores_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(company, "_free_cores", lambda threads: 0.6 * threads)
    assert run(tmp_path) == 0
    captured = capsys.readouterr()
    assert captured.err.count("2 thread(s) got 1.2 cores") == 1
    assert captured.out.count("2 thread(s) got 1.2 cores") == 1
    assert len(read(tmp_path)["warnings"]) == 1


def test_work_of_others_is_measured_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(company.Company, "cores", lambda self: 1.4)
    monkeypatch.setattr(company.os, "cpu_count", lambda: 2)
    assert run(tmp_path, "--precision", "double") == 0
    text = "4 of 4 sizes were measured while other processes used up to 1.4 of 2 cores"
    assert text in capsys.readouterr().out
    assert len(read(tmp_path)["warnings"]) == 1


def test_company_is_what_the_cores_do_besides_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    clock = {"wall": 0.0, "own": 0.0, "busy": 5.0}
    monkeypatch.setattr(company.time, "perf_counter", lambda: clock["wall"])
    monkeypatch.setattr(company.time, "process_time", lambda: clock["own"])
    monkeypatch.setattr(company, "_busy_seconds", lambda: clock["busy"])
    others = company.Company()
    clock.update(wall=2.0, own=2.0, busy=8.0)
    assert others.cores() == 0.5
    monkeypatch.setattr(company, "_busy_seconds", lambda: None)  # no such file elsewhere
    assert others.cores() == company.Company().cores() == 0.0


def test_free_cores_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(company, "_BUSY_QUBITS", 14)
    assert 0 < company._free_cores(1) < 1.5
    assert company._busy_seconds() is None or company._busy_seconds() > 0


@pytest.mark.parametrize(
    ("measured", "at_least", "met"),
    [(0.8, True, True), (0.6, True, False), (0.6, False, True), (0.8, False, False)],
)
def test_goals_print_the_distance(measured: float, at_least: bool, met: bool) -> None:
    goal = Goal("speed", measured, 0.7, at_least)
    assert goal.met is met
    assert goal.line().endswith("met by 0.10" if met else "MISSED by 0.10")


def test_timers_refuse_what_they_cannot_time() -> None:
    with pytest.raises(ValueError, match="repeats is 0"):
        _core._pass_seconds([], 3, repeats=0)
    with pytest.raises(ValueError, match="4-qubit circuit does not fit a 3-qubit state"):
        _core._pass_seconds([kg.Circuit(4)], 3)
    with pytest.raises(ValueError, match="threads is 0"):
        _core._peak_flops(0)
    with pytest.raises(ValueError, match="observable"):
        _core._program_seconds(kg.compile(kg.Circuit(1)), [])
