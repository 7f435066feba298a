"""libFuzzer on the readers of files, with address and undefined-behaviour sanitizers.

Each trial runs one fuzzer for a while from a scratch folder that grows and the corpus of the tests.
They come from `cmake --preset fuzz` (scripts/campaign.sh does it); without them nothing is tried.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from campaign.tally import Tally

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "fuzz" / "tests" / "fuzz"
TARGETS = ["qasm2", "qasm3", "pauli", "json"]
SECONDS = 60
TITLE = "Fuzzers under address and undefined-behaviour sanitizers"
UNIT = "inputs"
GOAL = 1_000_000
SHARE = 2.0 if BUILD.exists() else 0.001
A_TRIAL = 0  # the fuzzer counts
MOST = 4


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Run one fuzzer."""
    target = TARGETS[int(case.rsplit(" ", 1)[1]) % len(TARGETS)]
    binary = BUILD / f"{target}_fuzz"
    if not binary.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [str(binary), folder, str(ROOT / "tests" / "corpus" / target)]
        command += [f"-max_total_time={SECONDS}", f"-seed={int(rng.integers(1, 2**31))}"]
        command += ["-print_final_stats=1", "-max_len=4096", f"-artifact_prefix={folder}/found-"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
        number = int(runs.group(1)) if runs else 0
        tally.count += number
        tally.saw(target, number)
        tally.saw("seconds", SECONDS)
        if done.returncode != 0:
            found = [p.read_bytes() for p in Path(folder).glob("found-*")]
            tally.fail(f"{target}: {done.stderr[-2000:]}\ninputs {found}: {case}")
