"""``ketgrad run``: shots of a circuit, as counts."""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from ketgrad._arguments import at_least
from ketgrad._commands.circuits import FILE_HELP, assignment, is_measured, read_circuit

EPILOG = """\
examples:
  ketgrad run bell.qasm --shots 1000 --seed 1
  ketgrad run ansatz.json --set theta=0.5 --set "w[0]=1.2" --json counts.json
  ketgrad run bell.qasm --noise device.json --shots 10000 --method density_matrix

Outcomes show bit 0 rightmost. A circuit without measurements has all of its qubits measured at its
end. The same seed gives the same counts, for any number of threads.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    parser.add_argument("--shots", type=at_least(1), default=1000, metavar="N", help="how many")
    parser.add_argument(
        "--seed", type=at_least(0), metavar="N", help="of the random numbers; a fresh one if none"
    )
    parser.add_argument(
        "--noise", metavar="FILE", help="a noise model, as NoiseModel.to_json writes"
    )
    parser.add_argument(
        "--method",
        choices=("auto", "trajectories", "density_matrix"),
        default="auto",
        help="density_matrix draws shots from exact probabilities",
    )
    parser.add_argument(
        "--set",
        type=assignment,
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        dest="values",
        help="the value of a parameter; once for each",
    )
    parser.add_argument(
        "--top", type=at_least(1), default=20, metavar="N", help="most frequent outcomes to print"
    )
    parser.add_argument("--json", metavar="FILE", help="write all counts there")


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    circuit = read_circuit(args.file)
    if not is_measured(circuit):
        print("no measurements: all qubits are measured at the end", file=sys.stderr)
        circuit.measure_all()
    noise = None if args.noise is None else _noise(args.noise)
    result = circuit.run(
        args.shots, seed=args.seed, values=dict(args.values), noise=noise, method=args.method
    )
    counts = {str(outcome): int(count) for outcome, count in result.counts().items()}
    print(text_histogram(counts, args.top, shutil.get_terminal_size().columns))
    if args.json is not None:
        document = {
            "format": "ketgrad.counts",
            "version": 1,
            "circuit": args.file,
            "shots": args.shots,
            "seed": args.seed,
            "counts": counts,
        }
        Path(args.json).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        print(f"wrote {args.json}")
    return 0


def _noise(path: str) -> Any:
    from ketgrad import NoiseModel

    try:
        return NoiseModel.from_json(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def text_histogram(counts: dict[str, int], top: int, width: int) -> str:
    """Lay out the most frequent outcomes with bars, and how many others there are.

    >>> print(text_histogram({"00": 3, "11": 1}, 20, 30))
    00  3  0.750  ████████████████
    11  1  0.250  █████▍
    """
    shots = sum(counts.values())
    often = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown, rest = often[:top], often[top:]
    if not shown:
        return "no shots"
    names = max(len(outcome) for outcome, _ in shown)
    digits = len(str(shown[0][1]))
    room = max(8, width - names - digits - 11)
    lines = []
    for outcome, count in shown:
        bar = _bar(room * count / shown[0][1])
        lines.append(f"{outcome:>{names}}  {count:>{digits}}  {count / shots:.3f}  {bar}".rstrip())
    if rest:
        left = sum(count for _, count in rest)
        lines.append(f"and {len(rest)} more outcomes, {left} shots together ({left / shots:.3f})")
    return "\n".join(lines)


def _bar(length: float) -> str:
    eighths = round(8 * length)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
