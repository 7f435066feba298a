"""Writes reliability.json, a list of runs, and reliability.md, the sum of them as a page."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import ketgrad as kg
from campaign.driver import Campaign
from campaign.tally import Tally

ROOT = Path(__file__).resolve().parents[2]

HEAD = """# Reliability

What random trials on fresh seeds found, by the command

    scripts/campaign.sh --hours H --append

in the runs that are listed at the end (`tests/campaign` has a module for each question, which says
what is compared with what; the references share no code with ketgrad). The command writes this
page. A failure is listed here with the case that shows it again.
"""


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def _summary(values: list[float]) -> dict[str, float]:
    array = np.array(values)
    p50, p99 = np.percentile(array, [50, 99])
    return {
        "number": len(values),
        "mean": float(array.mean()),
        "std": float(array.std()),
        "p50": float(p50),
        "p99": float(p99),
        "least": float(array.min()),
        "most": float(array.max()),
    }


def run_data(campaign: Campaign) -> dict[str, Any]:
    """Return one run as plain data, distributions as their summaries."""
    sections = {}
    for section in campaign.sections:
        data = section.tally.as_json()
        data["samples"] = {k: _summary(v) for k, v in section.tally.samples.items()}
        module = section.module
        sections[section.name] = {"title": module.TITLE, "unit": module.UNIT, "goal": module.GOAL}
        sections[section.name] |= data
    return {
        "commit": _git("rev-parse", "--short", "HEAD")
        + ("+" if _git("status", "--porcelain") else ""),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "hours": round(campaign.elapsed() / 3600, 3),
        "seed": campaign.seed,
        "processes": campaign.jobs,
        "machine": f"{os.cpu_count()} cores of {_processor()}, {kg.simd_target()}",
        "sections": sections,
    }


def write(campaign: Campaign, folder: Path, *, append: bool) -> list[str]:
    """Write both files; return the failures of this run."""
    path = folder / "reliability.json"
    runs = json.loads(path.read_text())["runs"] if append and path.exists() else []
    runs.append(run_data(campaign))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"runs": runs}, indent=1, ensure_ascii=False) + "\n")
    (folder / "reliability.md").write_text(page(runs))
    return [what for section in campaign.sections for what in section.tally.failures]


def _total(runs: list[dict[str, Any]], name: str) -> tuple[dict[str, Any], Tally]:
    """Return what a section is and the sum of its tallies."""
    total, about = Tally(), {}
    for run in runs:
        if name in run["sections"]:
            about = dict(run["sections"][name])
            fields = {k: v for k, v in about.items() if k in Tally.__dataclass_fields__}
            total.merge(Tally.from_json(fields | {"samples": {}}))
    return about, total


def _number(count: float) -> str:
    return f"{count:,.0f}".replace(",", " ")


def page(runs: list[dict[str, Any]]) -> str:
    """Return the page."""
    names = list(dict.fromkeys(name for run in runs for name in run["sections"]))
    rows = ["| question | tried | goal | failures |", "|---|---|---|---|"]
    details = []
    for name in names:
        about, total = _total(runs, name)
        goal = _number(about["goal"])
        tried = f"{_number(total.count)} {about['unit']}"
        rows.append(f"| {about['title']} | {tried} | {goal} | {total.n_failures} |")
        details += _details(name, about, total, runs)
    table = ["| commit | when | hours | processes | seed | machine |", "|---|---|---|---|---|---|"]
    columns = ("commit", "date", "hours", "processes", "seed", "machine")
    table += [f"| {' | '.join(str(run[column]) for column in columns)} |" for run in runs]
    # What was found out about failures, written into the run by hand.
    remarks = [f"- {run['commit']}: {remark}" for run in runs for remark in run.get("remarks", [])]
    parts = [HEAD, "\n".join(rows), "## In detail", *details, "## The runs", "\n".join(table)]
    parts += ["\n".join(remarks)] if remarks else []
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _details(
    name: str, about: dict[str, Any], total: Tally, runs: list[dict[str, Any]]
) -> list[str]:
    """Return the paragraph of one section."""
    minutes = f"{total.seconds / 60:.0f} min" if total.seconds >= 60 else f"{total.seconds:.0f} s"
    lines = [f"**{about['title']}** (`{name}`, {minutes} of one process)"]
    lines += [f"- {what}: {value:.2g}" for what, value in sorted(total.worst.items())]
    for run in runs:
        for what, s in run["sections"].get(name, {}).get("samples", {}).items():
            values = ", ".join(
                f"{k} {s[k]:.3g}" for k in ("mean", "std", "p50", "p99", "least", "most")
            )
            lines.append(f"- {what}, {_number(s['number'])} of them: {values}")
    if total.parts:
        parts = ", ".join(f"{what} {_number(n)}" for what, n in sorted(total.parts.items()))
        lines.append(f"- of these: {parts}")
    lines += [f"- FAILED: {what.splitlines()[0]}" for what in total.failures]
    return ["\n".join(lines)]
