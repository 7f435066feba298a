"""The picture of the bench command."""

import math
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ketgrad._files import write_whole
from ketgrad.commands.bench.report import GRADIENT_GOAL, Report, duration
from ketgrad.plots.look import png

_COLOURS = {"double": "#1f5a99", "single": "#d9722b"}
_GREY = "#6b7280"
_INK = "#111827"


def _draw_curves(ax: Axes, report: Report, value: str, scale: float = 1.0) -> None:
    """One curve for each precision, on the fewest and on the most threads."""
    most = max(report.config["threads"])
    for precision in report.config["precision"]:
        for threads in sorted({min(report.config["threads"]), most}):
            points = [p for p in report.points if (p.precision, p.threads) == (precision, threads)]
            wide = threads == most
            ax.plot(
                [p.n_qubits for p in points],
                [scale * getattr(p, value) for p in points],
                color=_COLOURS[precision],
                linestyle="-" if wide else (0, (4, 2)),
                linewidth=2.2 if wide else 1.6,
                marker="o",
                markersize=5,
                markerfacecolor=_COLOURS[precision] if wide else "white",
                label=f"{precision}, {threads} thread{'s' if threads > 1 else ''}",
            )


def _draw_caches(ax: Axes, report: Report) -> None:
    """Bands for the sizes at which a state in double precision fits a cache."""
    left, right = ax.get_xlim()
    edges = [(f"L{c['level']}", math.log2(c["bytes"] / 16)) for c in report.machine["caches"]]
    low = left
    for k, (name, high) in enumerate([*edges, ("memory", right)]):
        start, end = max(low, left), min(high, right)
        if end > start:
            ax.axvspan(start, end, color=_GREY, alpha=0.05 + 0.05 * (k % 2), linewidth=0)
        if end - start > 0.08 * (right - left):
            ax.annotate(
                name,
                ((start + end) / 2, 0.975),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="top",
                fontsize=10,
                color=_GREY,
            )
        low = high
    ax.set_xlim(left, right)


def _draw_line(ax: Axes, value: float, text: str, x: float, above: bool = True) -> None:
    """Draw a dotted line across with its name above or below it."""
    ax.axhline(value, color=_INK, linewidth=1.2, linestyle=":")
    ax.annotate(
        text,
        (x, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3 if above else -4),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        fontsize=10,
        color=_INK,
        zorder=1.5,  # behind the curves
    )


def _draw_bandwidth(ax: Axes, report: Report) -> None:
    """Draw lines at the measured memory bandwidths; the largest has its name above."""
    rows = sorted(report.memory_bandwidth, key=lambda row: -float(row["bytes_per_second"]))
    for k, row in enumerate(rows):
        rate, threads = row["bytes_per_second"] / 1e9, row["threads"]
        text = f"memory, {threads} thread{'s' if threads > 1 else ''}: {rate:.0f} GB/s"
        _draw_line(ax, rate, text, x=0.66, above=k == 0)


def _draw_shares(ax: Axes, report: Report) -> None:
    """Draw what a layer of gates gets of the limits, on the most threads."""
    most = max(report.config["threads"])
    for precision in report.config["precision"]:
        points = [p for p in report.points if (p.precision, p.threads) == (precision, most)]
        sizes, shares = [p.n_qubits for p in points], [report.shares(p) for p in points]
        for k, (limit, line) in enumerate((("memory", "-"), ("arithmetic", (0, (1, 1))))):
            ax.plot(
                sizes,
                [100 * share[k] for share in shares],
                color=_COLOURS[precision],
                linestyle=line,
                linewidth=2,
                marker="o",
                markersize=4,
                label=f"{precision}, of the {limit}",
            )
    _draw_line(ax, 100, "limit", x=0.985)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g} %"))
    ax.legend(frameon=False, fontsize=10)


def _draw_threads(ax: Axes, report: Report) -> None:
    """Draw how much faster more threads are, at a few sizes of one precision."""
    precision = report.config["precision"][0]
    first, *_ = counts = report.config["threads"]
    points = {(p.n_qubits, p.threads): p for p in report.points if p.precision == precision}
    whole = [n for n, t in points if t == counts[-1] and (n, first) in points]
    sizes = sorted({*whole[:1], *whole[len(whole) // 2 :][:1], *whole[-1:]})
    for n, colour in zip(sizes, ("#9ca3af", "#6b93c4", "#1f5a99"), strict=False):
        ax.plot(
            counts,
            [points[n, first].gate_seconds / points[n, t].gate_seconds for t in counts],
            color=colour,
            linewidth=2.2,
            marker="o",
            label=f"{n} qubits, {precision}",
        )
    ax.plot(counts, [t / first for t in counts], color=_INK, linestyle=":", label="ideal")
    ax.set_xticks(counts)
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, fontsize=10)


def plot(report: Report, path: Path) -> None:
    """Draw the report as a picture of six panels."""
    style: Any = {
        "font.size": 12,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 14,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": "#e5e7eb",
    }
    with rc_context(style):
        figure = Figure(figsize=(14, 13), layout="constrained")
        FigureCanvasAgg(figure)
        (gates, shares), (forward, gradient), (ratio, threads) = figure.subplots(3, 2)

        layers = report.config["layers"]
        _draw_curves(gates, report, "gate_bytes_per_second", 1e-9)
        gates.set_yscale("log")
        gates.set(title="One-qubit gates against the memory", ylabel="GB/s read and written")
        gates.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        _draw_bandwidth(gates, report)
        gates.set_ylim(top=1.5 * gates.get_ylim()[1])
        _draw_caches(gates, report)

        _draw_shares(shares, report)
        shares.set(
            title="One-qubit gates: share of the limits", ylabel="achieved, at a pass a gate"
        )

        plural = "s" if layers > 1 else ""
        _draw_curves(forward, report, "forward_seconds")
        forward.set_title(f"Variational circuit, {layers} layer{plural}: forward")
        _draw_curves(gradient, report, "gradient_seconds")
        gradient.set_title(f"Gradient of all {3 * layers}n angles")
        for ax in (forward, gradient):
            ax.set_yscale("log")
            ax.set_ylabel("time")
            ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: duration(y)))

        _draw_curves(ratio, report, "gradient_per_forward")
        ratio.set(title="Price of a gradient", ylabel="forward passes")
        _draw_line(ratio, GRADIENT_GOAL, f"goal: {GRADIENT_GOAL:g}", x=0.985)
        ratios = [p.gradient_per_forward for p in report.points]
        ratio.set_ylim(0, max([6.5, *(1.1 * r for r in ratios if not math.isnan(r))]))

        _draw_threads(threads, report)
        threads.set(
            title="One-qubit gates on more threads", xlabel="threads", ylabel="times faster"
        )

        sizes = sorted({p.n_qubits for p in report.points})
        for ax in (gates, shares, forward, gradient, ratio):
            ax.set_xlabel("qubits" if ax is not gates else "qubits (bands: a state in double fits)")
            ax.set_xticks(sizes[:: 1 + len(sizes) // 15])
        handles, labels = forward.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
        m = report.machine
        figure.suptitle(
            f"ketgrad {m['ketgrad']} on {m['processor']}, {m['cores']} cores, {m['simd_target']}",
            fontsize=16,
        )
        write_whole(path, png(figure))
