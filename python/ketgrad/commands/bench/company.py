"""Whether other processes take cores meanwhile."""

import os
import time
from pathlib import Path

from ketgrad import _core
from ketgrad.commands.bench.progress import Progress
from ketgrad.commands.bench.report import Report
from ketgrad.commands.bench.timing import gate_layer, on_threads

_BUSY_QUBITS = 20  # wide enough to keep all threads at work
_FREE_SHARE = 0.85  # of the cores asked for, without a warning
_COMPANY = 0.3  # cores that other processes use besides ours, from which on it is said


class Company:
    """How many cores other processes use, from the making of this object on."""

    def __init__(self) -> None:
        self._wall, self._own = time.perf_counter(), time.process_time()
        self._busy = _busy_seconds()

    def cores(self) -> float:
        """Their mean number; 0 where it cannot be known."""
        busy = _busy_seconds()
        if busy is None or self._busy is None:
            return 0.0
        others = (busy - self._busy) - (time.process_time() - self._own)
        return max(0.0, others / (time.perf_counter() - self._wall))


def _busy_seconds() -> float | None:
    """Sum the time that all cores have worked, for anybody; None where the system is silent."""
    try:
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _wait, irq, soft_irq, steal = map(int, fields[:8])
    ticks = user + nice + system + irq + soft_irq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


def _free_cores(threads: int) -> float:
    """Measure how many cores this process gets while that many threads are at work."""
    layer = [gate_layer(_BUSY_QUBITS)]
    with on_threads(threads):
        _core._pass_seconds(layer, _BUSY_QUBITS, "double", repeats=1, min_seconds=0.0)  # warm up
        wall, cpu = time.perf_counter(), time.process_time()
        _core._pass_seconds(layer, _BUSY_QUBITS, "double", repeats=3, min_seconds=0.0)
        return (time.process_time() - cpu) / (time.perf_counter() - wall)


def warn_of_company(threads: int, report: Report, progress: Progress) -> None:
    """Say so where other processes take the cores: it explains times that look absurd."""
    free = _free_cores(threads)
    if free >= _FREE_SHARE * threads or report.warnings:
        return
    text = (
        f"{threads} thread(s) got {free:.1f} cores: other processes take the rest, "
        "and the times say more about them than about ketgrad"
    )
    progress.say(f"warning: {text}")
    report.warnings.append(text)


def warn_of_disturbed(report: Report, progress: Progress) -> None:
    """Say how many measurements had to share their cores."""
    cores = os.cpu_count() or 1
    disturbed = [
        p for p in report.points if p.other_cores > max(_COMPANY, cores - p.threads + _COMPANY)
    ]
    if not disturbed:
        return
    most = max(p.other_cores for p in disturbed)
    text = (
        f"{len(disturbed)} of {len(report.points)} sizes were measured while other processes used "
        f"up to {most:.1f} of {cores} cores"
    )
    progress.say(f"warning: {text}")
    report.warnings.append(text)
