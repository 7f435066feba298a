"""What training.py prints and draws of what it has measured."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import peers

Seconds = dict[int, dict[str, float]]  # medians by number of qubits and simulator


def medians(report: dict[str, Any]) -> Seconds:
    """Take the median of all turns."""
    return {
        int(n): {name: float(np.median(turns)) for name, turns in times.items()}
        for n, times in report["seconds"].items()
    }


def table(seconds: Seconds, labels: dict[str, str]) -> str:
    """Milliseconds an epoch, and how many times ketgrad's, in Markdown."""
    lines = ["| an epoch, ms | " + " | ".join(f"{n} qubits" for n in seconds) + " |"]
    lines.append("|---" * (len(seconds) + 1) + "|")
    for name in labels:
        cells = []
        for times in seconds.values():
            if name not in times:
                cells.append("–")
                continue
            ratio = "" if name == "ketgrad" else f" ({times[name] / times['ketgrad']:.0f}×)"
            cells.append(f"{peers.digits(1e3 * times[name])}{ratio}")
        if any(cell != "–" for cell in cells):
            lines.append(f"| {labels[name]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


LIGHTNING_GOAL = 100.0  # times ketgrad's time


def peer_goal(n: int) -> float:
    """Tell how many times ketgrad's time the fastest peer should take."""
    return 10.0 if n >= 10 else 30.0


def goals(seconds: Seconds) -> str:
    """Tell the distance to the goals, beside lightning and beside the fastest of all."""
    lines = []
    for n, times in seconds.items():
        others = {name: time for name, time in times.items() if name != "ketgrad"}
        if not others:
            continue
        fastest = min(others, key=others.__getitem__)
        wanted = {f"the fastest peer ({fastest})": (fastest, peer_goal(n))}
        if "lightning" in others:
            wanted["lightning"] = ("lightning", LIGHTNING_GOAL)
        for what, (name, goal) in wanted.items():
            ratio = others[name] / times["ketgrad"]
            verdict = "met" if ratio >= goal else "MISSED"
            lines.append(f"{n:>2} qubits, {what}: {ratio:.1f} times, goal {goal:g}: {verdict}")
    return "\n".join(lines)


def plot(report: dict[str, Any], labels: dict[str, str], path: Path) -> None:
    """Time an epoch, and how many times ketgrad's, over the number of qubits."""
    plt = importlib.import_module("matplotlib.pyplot")
    seconds = medians(report)
    colours = dict(
        zip(labels, ("#1f5a99", "#d9722b", "#2a9d6f", "#8a63b8", "#b83b5e", "#6b7280"), strict=True)
    )
    plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "font.size": 11})
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.8), layout="constrained")
    for name, label in labels.items():
        measured = [n for n, times in seconds.items() if name in times]
        own = name == "ketgrad"
        style = {"color": colours[name], "marker": "o", "lw": 3 if own else 1.8, "label": label}
        if measured:
            left.plot(measured, [1e3 * seconds[n][name] for n in measured], **style)
        if measured and not own:
            ratios = [seconds[n][name] / seconds[n]["ketgrad"] for n in measured]
            right.plot(measured, ratios, **style)
    sizes = list(seconds)
    for values, text in (
        ([peer_goal(n) for n in sizes], "goal for the fastest"),
        ([LIGHTNING_GOAL] * len(sizes), "goal for lightning"),
    ):
        right.plot(sizes, values, color="#111827", lw=1.2, ls=":", zorder=1)
        right.annotate(
            text, (sizes[0], values[0]), xytext=(0, -11), textcoords="offset points", fontsize=9
        )
    for axes in (left, right):
        axes.set_yscale("log")
        axes.set_xticks(sizes)
        axes.set_xlabel("qubits")
        axes.grid(axis="y", color="#e5e7eb")
        axes.yaxis.set_major_formatter(lambda y, _: f"{y:,g}")
    left.set_title("An epoch of training, ms", loc="left", weight="bold")
    right.set_title("Times ketgrad's", loc="left", weight="bold")
    right.set_ylim(bottom=1)
    figure.legend(
        *left.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False
    )
    figure.suptitle(
        f"{report['samples']} samples, mini-batches of {report['batch']}, Adam, double precision, "
        f"one core of {report['processor']}",
        fontsize=11,
        color="#6b7280",
    )
    figure.savefig(path, dpi=150)
