"""Shares the hours among the sections, runs their workers, and puts their tallies together."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from types import ModuleType

from campaign.tally import Tally

SECTIONS = [
    "circuits",
    "gradients",
    "noise",
    "statistics",
    "threads",
    "arguments",
    "files",
    "fuzzers",
    "kills",
    "interrupts",
    "forks",
    "memory",
]
GRACE = 120.0  # seconds a worker may take beyond its time before it counts as hung


@dataclass
class Section:
    """A section, the time it has had and what it found."""

    name: str
    module: ModuleType
    tally: Tally = field(default_factory=Tally)
    spent: float = 0.0
    next_case: int = 0
    running: int = 0

    @property
    def share(self) -> float:
        """Its part of the hours, in proportion to the others' parts."""
        return float(self.module.SHARE)

    @property
    def done(self) -> bool:
        """Whether its goal is reached; it goes on only where time is left over."""
        return self.tally.count >= self.module.GOAL


def load(names: list[str]) -> list[Section]:
    """Import the sections named."""
    return [Section(name, importlib.import_module(f"campaign.{name}")) for name in names]


def run_worker(section: Section, seed: int, first: int, seconds: float) -> Tally:
    """Run one worker; that it died, hung or printed no tally is a failure of the case it was at."""
    most = getattr(section.module, "MOST", 10**9)
    command = [sys.executable, "-m", "campaign.worker", section.name, f"--seed={seed}"]
    command += [f"--first={first}", f"--seconds={seconds}", f"--most={most}"]
    environment = {"OMP_NUM_THREADS": "1", **getattr(section.module, "ENVIRONMENT", {})}
    start = time.monotonic()
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as log:
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=log,
                timeout=seconds + GRACE,
                check=False,
            )
            why = "" if done.returncode == 0 else f"ended with status {done.returncode}"
        except subprocess.TimeoutExpired:
            why = f"hung for {GRACE:g} s beyond its time"
        said.seek(0)
        tally = _last_tally(said)
        log.seek(0)
        tail = "".join(log.readlines()[-15:])
    if tally is None:
        tally, why = Tally(), why or "printed no tally"
    if why:  # what it had tried before counts nevertheless
        tally.seconds = time.monotonic() - start
        tally.fail(f"{section.name}: the process {why}; the last it said:\n{tail}")
    return tally


def _last_tally(lines: Iterable[str]) -> Tally | None:
    """Return the last tally that was printed as a whole, among whatever the trials print."""
    last = None
    for line in lines:
        if line.startswith('{"count": ') and line.endswith("}\n"):
            last = line
    return None if last is None else Tally.from_json(json.loads(last))


class Campaign:
    """Runs workers until the time is over."""

    def __init__(self, sections: list[Section], seconds: float, seed: int, jobs: int) -> None:
        """Prepare a campaign of that many seconds, on `jobs` processes at a time."""
        self.sections, self.seconds, self.seed, self.jobs = sections, seconds, seed, jobs
        self.start = time.monotonic()
        longest = max(3.0, seconds / 20)
        self.slice = min(300.0, longest)

    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.start

    def choose(self) -> Section | None:
        """Return the section that has had the least of its share, those with open goals first."""
        free = [s for s in self.sections if not (s.running and getattr(s.module, "ALONE", False))]
        free = [s for s in free if not (s.done and getattr(s.module, "ONCE", False))]
        if self.elapsed() >= self.seconds:  # however short the time, each is tried once
            free = [s for s in free if s.next_case == 0]
        if not free:
            return None
        return min(free, key=lambda s: (s.done, (s.spent + s.running * self.slice) / s.share))

    def run(self) -> None:
        """Run until the time is over; Ctrl-C ends it early and keeps what there is."""
        with ThreadPoolExecutor(self.jobs) as pool:
            waiting: dict[Future[Tally], Section] = {}
            try:
                while self._fill(pool, waiting) or waiting:
                    done, _ = wait(waiting, timeout=10, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._finish(waiting.pop(future), future.result())
                    self._report()
            except KeyboardInterrupt:
                print("\ninterrupted: the trials so far are kept", file=sys.stderr)
                for future, section in waiting.items():
                    self._finish(section, future.result())

    def _fill(self, pool: ThreadPoolExecutor, waiting: dict[Future[Tally], Section]) -> bool:
        started = False
        while len(waiting) < self.jobs and (section := self.choose()) is not None:
            seconds = min(self.slice, max(1.0, self.seconds - self.elapsed()))
            future = pool.submit(run_worker, section, self.seed, section.next_case, seconds)
            section.next_case += 1_000_000_000  # no case twice, whatever a worker reaches
            section.running += 1
            waiting[future] = section
            started = True
        return started

    def _finish(self, section: Section, tally: Tally) -> None:
        section.running -= 1
        section.spent += tally.seconds
        section.tally.merge(tally)

    def _report(self) -> None:
        parts = [f"{s.name} {s.tally.count}" for s in self.sections if s.tally.count]
        failed = sum(s.tally.n_failures for s in self.sections)
        line = f"{self.elapsed() / 60:6.1f} min, {failed} failures: {', '.join(parts)}"
        end = "\r" if sys.stderr.isatty() else "\n"
        print(line, file=sys.stderr, end=end, flush=True)
