"""What the bench command has measured: as data, as JSON and as text."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ketgrad._files import write_whole

_REPORT_VERSION = 3
GRADIENT_GOAL = 5.0  # forward passes


@dataclass
class Point:
    """One measured size; seconds are medians.

    Bandwidths count a read and a write of the whole state for every gate, as if each were a pass of
    its own. Forward and gradient are NaN (in JSON null) where memory does not hold two states.
    """

    n_qubits: int
    precision: str
    threads: int
    scale_bytes_per_second: float
    gate_seconds: float
    gate_bytes_per_second: float
    gate_flops_per_second: float
    forward_seconds: float
    gradient_seconds: float
    gradient_per_forward: float
    n_parameters: int
    gates_per_pass: float  # of the variational circuit, through memory
    other_cores: float  # that other processes used meanwhile


@dataclass
class Goal:
    """A speed goal, what was measured, and whether it is met."""

    name: str
    measured: float
    goal: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether the measured value reaches the goal."""
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    def line(self) -> str:
        """One line of text with the distance to the goal."""
        relation = ">=" if self.at_least else "<="
        verdict = f"{'met' if self.met else 'MISSED'} by {abs(self.measured - self.goal):.2f}"
        return f"{self.name:<62} {self.measured:5.2f}   goal {relation} {self.goal:g}   {verdict}"


@dataclass
class Report:
    """Everything that scaling.json holds."""

    machine: dict[str, Any]
    config: dict[str, Any]
    memory_bandwidth: list[dict[str, Any]] = field(default_factory=list)
    peak: list[dict[str, Any]] = field(default_factory=list)  # in double precision
    points: list[Point] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    complete: bool = False

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        goals = [{**asdict(goal), "met": goal.met} for goal in self.goals]
        points = [
            {key: None if value != value else value for key, value in asdict(point).items()}
            for point in self.points
        ]
        data = {"version": _REPORT_VERSION, **asdict(self), "points": points, "goals": goals}
        write_whole(path, json.dumps(data, indent=2, allow_nan=False) + "\n")

    def shares(self, point: Point) -> tuple[float, float]:
        """Compare a layer of gates with the limits on as many threads: bandwidth, arithmetic."""
        rate = {row["threads"]: row["bytes_per_second"] for row in self.memory_bandwidth}
        peak = {row["threads"]: row["flops_per_second"] for row in self.peak}
        lanes = 2 if point.precision == "single" else 1
        return (
            point.gate_bytes_per_second / rate[point.threads],
            point.gate_flops_per_second / (lanes * peak[point.threads]),
        )


def duration(seconds: float) -> str:
    """Three digits in a unit that fits; a dash for what was not measured."""
    if math.isnan(seconds):
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def print_report(report: Report) -> None:
    """Print the report as text."""
    for row in report.memory_bandwidth:
        rate, size = row["bytes_per_second"] / 1e9, row["array_bytes"] / 2**20
        threads = f"{row['threads']} thread(s)"
        print(f"memory, {threads}: {rate:.1f} GB/s (scaling {size:.0f} MiB in place)")
    for row in report.peak:
        threads = f"{row['threads']} thread(s)"
        print(f"arithmetic, {threads}: {row['flops_per_second'] / 1e9:.0f} GFLOP/s (double)")
    heads = ["scale GB/s", "gates GB/s", "of memory", "GFLOP/s", "of peak", "gate"]
    heads += ["forward", "gradient", "per forward", "gates/pass"]
    print("\nqubits precision threads" + "".join(f"{head:>12}" for head in heads))
    for p in report.points:
        of_memory, of_peak = report.shares(p)
        per_forward = "-" if math.isnan(p.gradient_per_forward) else f"{p.gradient_per_forward:.2f}"
        cells = (
            f"{p.scale_bytes_per_second / 1e9:.1f}",
            f"{p.gate_bytes_per_second / 1e9:.1f}",
            f"{of_memory:.0%}",
            f"{p.gate_flops_per_second / 1e9:.1f}",
            f"{of_peak:.0%}",
            duration(p.gate_seconds),
            duration(p.forward_seconds),
            duration(p.gradient_seconds),
            per_forward,
            f"{p.gates_per_pass:.0f}",
        )
        case = f"{p.n_qubits:>6} {p.precision:<9} {p.threads:>7}"
        print(case + "".join(f"{cell:>12}" for cell in cells))
    for line in report.skipped:
        print(f"skipped {line}")
    if report.goals:
        print("\nGoals")
    for goal in report.goals:
        print(f"  {goal.line()}")
    for line in report.warnings:
        print(f"\nwarning: {line}")
