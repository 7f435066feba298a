"""Simulators in processes of their own, measured in turns so that a busy machine is fair to all.

A benchmark starts itself once for every simulator: the parent makes a `Worker`, the child calls
`serve`. A worker prepares its case (imports, compiles, warms up), tells an answer that is checked,
and then times one repetition whenever it is asked.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Case = Mapping[str, Any]
Measure = Callable[[], float]  # seconds of one repetition


class WorkerError(Exception):
    """A simulator that cannot run a case, or not in time."""


class Worker:
    """A simulator in a process of its own."""

    def __init__(self, python: str, script: str, case: Case, *, threads: int, caches: Path) -> None:
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(threads),
            "QULACS_NUM_THREADS": str(threads),
            "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
            "JAX_COMPILATION_CACHE_DIR": str(caches.resolve() / "jax"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        # A file, since nobody reads what the simulators say until one of them dies.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            [python, script, "--worker", json.dumps(dict(case))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def answer(self, timeout: float) -> Any:
        """Wait for the next answer; WorkerError where none comes."""
        pipe = self._process.stdout
        assert pipe is not None
        if not select.select([pipe], [], [], timeout)[0]:
            raise WorkerError(f"not done after {timeout:g} s")
        line = pipe.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise WorkerError(([*self._errors.read().strip().splitlines()] or ["died"])[-1][:200])
        return json.loads(line)

    def measure(self, timeout: float) -> float:
        """Seconds of one repetition."""
        assert self._process.stdin is not None
        self._process.stdin.write("measure\n")
        self._process.stdin.flush()
        return float(self.answer(timeout))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()


def serve(case_text: str, prepare: Callable[[Case], tuple[Any, Measure]]) -> None:
    """Be a worker: prepare the case, say the answer, then time whenever asked."""
    # What simulators print must not get between the answers.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(what: Any) -> None:
        channel.write(json.dumps(what) + "\n")
        channel.flush()

    answer, measure = prepare(json.loads(case_text))
    say(answer)
    for _ in sys.stdin:
        say(measure())


def parser(
    description: str | None, names: Iterable[str], *, repeats: int, timeout: float
) -> argparse.ArgumentParser:
    """Make a parser of what every benchmark of these peers is told."""
    out = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    out.add_argument("--peers", metavar="PYTHON", help="interpreter of the peers' environment")
    out.add_argument("--only", nargs="*", choices=list(names), help="these peers")
    out.add_argument("--repeats", type=int, default=repeats, help="turns")
    out.add_argument("--timeout", type=float, default=timeout, help="seconds a peer may prepare")
    out.add_argument("--out", type=Path, default=Path("out"))
    out.add_argument("--redraw", type=Path, metavar="JSON", help="show an earlier report")
    out.add_argument("--worker", help=argparse.SUPPRESS)
    return out


def main(
    parser: argparse.ArgumentParser,
    names: Iterable[str],
    *,
    prepare: Callable[[Case], tuple[Any, Measure]],
    run: Callable[[argparse.Namespace], None],
    show: Callable[[dict[str, Any], Path], None],
) -> None:
    """Be a worker, or show an earlier report, or measure."""
    args = parser.parse_args()
    args.only = (args.only or list(names)) if args.peers else []
    if args.worker:
        serve(args.worker, prepare)
        return
    args.out.mkdir(parents=True, exist_ok=True)
    if args.redraw:
        show(json.loads(args.redraw.read_text()), args.out)
    else:
        run(args)


def in_turns(workers: Mapping[str, Worker], repeats: int, timeout: float) -> dict[str, list[float]]:
    """Measure every worker once, then all again: seconds by name.

    Who fails is said and left out.
    """
    seconds: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(repeats):
        for name in list(seconds):
            try:
                seconds[name].append(workers[name].measure(timeout))
            except WorkerError as error:
                say(f"{name}: {error}")
                del seconds[name]
    return seconds


def say(text: str) -> None:
    """Print progress, apart from the results."""
    print(text, file=sys.stderr, flush=True)


def pin(n_cores: int) -> None:
    """Keep all threads of this process on that many cores, also those of pools already made."""
    cores = sorted(os.sched_getaffinity(0))[-n_cores:]
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # a thread that has ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)


def versions(python: str, packages: Iterable[str]) -> dict[str, str]:
    """Installed versions by package, as that interpreter sees them."""
    command = f"import peers, json; print(json.dumps(peers.installed({sorted(packages)!r})))"
    folder = Path(__file__).parent
    done = subprocess.run(
        [python, "-c", command], cwd=folder, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def installed(packages: Iterable[str]) -> dict[str, str]:
    """Versions by package, without those that are missing."""
    out = {}
    for package in packages:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            out[package] = importlib.metadata.version(package)
    return out


def processor() -> str:
    """Tell the name of the processor."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def digits(value: float) -> str:
    """Write three digits, and all before the point."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
