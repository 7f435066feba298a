"""`python -m campaign --hours H`: see scripts/campaign.sh, which calls it."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
from pathlib import Path

from campaign import report
from campaign.driver import SECTIONS, Campaign, load


def main() -> int:
    """Run the campaign, write its report; 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="scripts/campaign.sh", description=__doc__)
    parser.add_argument("--hours", type=float, default=4.0, help="how long (default 4)")
    parser.add_argument("--seed", type=int, help="by default a fresh one, which is printed")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default 2)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, metavar="SECTION")
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder of the report")
    parser.add_argument("--append", action="store_true", help="add to the runs in the report")
    given = parser.parse_args()
    for ends in (signal.SIGINT, signal.SIGTERM):  # which shells have ignored in the background
        signal.signal(ends, signal.default_int_handler)
    seed = secrets.randbits(32) if given.seed is None else given.seed
    print(f"seed {seed}, {given.hours:g} hours: {', '.join(given.only)}", file=sys.stderr)
    campaign = Campaign(load(given.only), given.hours * 3600, seed, given.jobs)
    campaign.run()
    failures = report.write(campaign, given.output, append=given.append)
    for failure in failures:
        print(f"\nFAILED {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
