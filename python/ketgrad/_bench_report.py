"""What the bench command has measured: as data, as JSON and as text."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_REPORT_VERSION = 1
GRADIENT_GOAL = 5.0  # forward passes


@dataclass
class Point:
    """One measured size; seconds are medians. Bandwidths count a whole read and write a pass."""

    n_qubits: int
    precision: str
    threads: int
    scale_bytes_per_second: float
    gate_seconds: float
    gate_bytes_per_second: float
    forward_seconds: float
    gradient_seconds: float
    gradient_per_forward: float
    n_parameters: int


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
    points: list[Point] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    complete: bool = False

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        goals = [{**asdict(goal), "met": goal.met} for goal in self.goals]
        data = {"version": _REPORT_VERSION, **asdict(self), "goals": goals}
        path.write_text(json.dumps(data, indent=2) + "\n")


def duration(seconds: float) -> str:
    """Three digits in a unit that fits."""
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
    heads = ("scale GB/s", "gates GB/s", "gate", "forward", "gradient", "per forward")
    print("\nqubits precision threads" + "".join(f"{head:>13}" for head in heads))
    for p in report.points:
        cells = (
            f"{p.scale_bytes_per_second / 1e9:.1f}",
            f"{p.gate_bytes_per_second / 1e9:.1f}",
            duration(p.gate_seconds),
            duration(p.forward_seconds),
            duration(p.gradient_seconds),
            f"{p.gradient_per_forward:.2f}",
        )
        case = f"{p.n_qubits:>6} {p.precision:<9} {p.threads:>7}"
        print(case + "".join(f"{cell:>13}" for cell in cells))
    for line in report.skipped:
        print(f"skipped {line}")
    if report.goals:
        print("\nGoals")
    for goal in report.goals:
        print(f"  {goal.line()}")
    for line in report.warnings:
        print(f"\nwarning: {line}")
