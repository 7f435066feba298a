"""Results to the bit, recorded by one build of ketgrad and compared by another.

    python -m campaign.recorded before.json      records, where there is no such file
    python -m campaign.recorded before.json      compares, where there is

For changes that shall not change a result. Bits are those of one processor, compiler and NumPy: a
record is for the two builds at hand, and is not kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np

import ketgrad as kg
from campaign.threads import bits, random_calls

PROGRAMS = 200


def record(programs: int) -> dict[str, str]:
    """Return a hash of every result, by its program, what was asked and the threads."""
    out = {}
    for case in range(programs):
        for name, call in random_calls(np.random.default_rng([case])).items():
            for threads in (1, 2):
                kg.set_num_threads(threads)
                out[f"{case} {name}, {threads} threads"] = hashlib.sha256(bits(call())).hexdigest()
    kg.set_num_threads(0)
    return out


def main() -> int:
    """Record or compare; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m campaign.recorded", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--programs", type=int, default=PROGRAMS, help=f"default {PROGRAMS}")
    given = parser.parse_args()
    now = record(given.programs)
    if not given.file.exists():
        given.file.write_text(json.dumps(now, indent=1) + "\n")
        print(f"{len(now)} results recorded")
        return 0
    before = json.loads(given.file.read_text())
    differ = [what for what in now.keys() | before.keys() if now.get(what) != before.get(what)]
    print("\n".join(sorted(differ)) or f"{len(now)} results, all as before")
    return 1 if differ else 0


if __name__ == "__main__":
    raise SystemExit(main())
