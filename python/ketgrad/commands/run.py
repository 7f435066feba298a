"""``ketgrad run``: shots of a circuit, as counts."""

import argparse
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ketgrad.commands.arguments import add_choice, at_least, file_name
from ketgrad.commands.circuits import (
    add_circuit,
    assignment,
    is_measured,
    read_circuit,
    read_text,
    values_of,
)
from ketgrad.commands.notices import note
from ketgrad.commands.outputs import Outputs
from ketgrad.commands.progress import on_terminal, terminal_bar
from ketgrad.commands.registers import bits_of, condition, spaced

_SHORT_SECONDS = 0.5  # of a run that needs no bar

EPILOG = """\
examples:
  ketgrad run bell.qasm --shots 1000 --seed 1
  ketgrad run ansatz.json --set theta=pi/2 --set w=1.2,pi/4 --json counts.json
  ketgrad run bell.qasm --noise device.json --shots 1e4 --method density_matrix
  ketgrad run teleport.qasm --postselect "c[1]=0" --postselect out=1

Outcomes show bit 0 rightmost; of several registers of classical bits, the last that is declared
stands leftmost, with spaces between them. In the JSON document, outcomes have no spaces, and
"registers" lists names and sizes in the order of declaration. A circuit without measurements has
all of its qubits measured at its end. The same seed gives the same counts, for any number of
threads.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    add_circuit(parser)
    parser.add_argument("--shots", type=at_least(1), default=1000, metavar="N", help="how many")
    parser.add_argument(
        "--seed", type=at_least(0), metavar="N", help="of the random numbers; a fresh one if none"
    )
    parser.add_argument(
        "--noise",
        type=file_name,
        metavar="FILE",
        help="a noise model, as NoiseModel.to_json writes",
    )
    shots = "density_matrix draws shots from exact probabilities"
    add_choice(parser, "--method", "auto", "trajectories", "density_matrix", text=shots)
    parser.add_argument(
        "--set",
        type=assignment,
        action="append",
        default=[],
        metavar="NAME=NUMBER[,NUMBER...]",
        dest="values",
        help="the value of a parameter, such as theta=3*pi/4, or those of a vector, w=0.1,0.2; "
        "once for each",
    )
    parser.add_argument(
        "--postselect",
        type=condition,
        action="append",
        default=[],
        metavar="BITS=NUMBER",
        help="keep the shots in which a register (c=2) or a bit (c[1]=1) has this value; "
        "of several conditions, all must hold",
    )
    parser.add_argument(
        "--top", type=at_least(1), default=20, metavar="N", help="most frequent outcomes to print"
    )
    parser.add_argument(
        "--json",
        type=file_name,
        metavar="OUT",
        help="write all counts there; - writes them to standard output, and nothing else",
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    values = values_of(args.values)
    outputs = Outputs(args.json, inputs=[args.file, args.noise])
    circuit = read_circuit(args)
    if not is_measured(circuit):
        note("no measurements: all qubits are measured at the end")
        circuit.measure_all()
    registers = circuit.bit_registers
    noise = None if args.noise is None else _noise(args.noise)
    postselect = bits_of(args.postselect, registers) or None
    with _progress(args.shots) as progress:
        result = circuit.run(
            args.shots,
            seed=args.seed,
            values=values,
            noise=noise,
            method=args.method,
            postselect=postselect,
            progress=progress,
        )
    if result.shots < result.n_run:
        note(f"{result.shots} of {result.n_run} shots kept")
    counts = {str(outcome): int(count) for outcome, count in result.counts().items()}
    if not outputs.on_stdout:
        shown = {spaced(outcome, registers): count for outcome, count in counts.items()}
        print(text_histogram(shown, args.top, shutil.get_terminal_size().columns))
    if args.json is not None:
        document = {
            "format": "ketgrad.counts",
            "version": 1,
            "circuit": args.file,
            "shots": result.shots,
            "shots_run": result.n_run,
            "seed": args.seed,
            "registers": [{"name": name, "size": size} for name, size in registers],
            "postselect": [str(each) for each in args.postselect],
            "counts": counts,
        }
        outputs.write(args.json, json.dumps(document, indent=1) + "\n")
    return 0


@contextmanager
def _progress(shots: int) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar, unless the run is short."""
    bar = None
    if on_terminal():  # asked first: tqdm takes longer to import than most circuits to run
        form = "{percentage:3.0f}% of the shots |{bar}| {elapsed}, {remaining} to go"
        bar = terminal_bar(shots, bar_format=form, delay=_SHORT_SECONDS)
    if bar is None:
        yield None
        return
    with bar:
        yield lambda done, _: bar.update(done - bar.n)


def _noise(path: str) -> Any:
    from ketgrad import NoiseModel

    text = read_text(path)
    try:
        return NoiseModel.from_json(text)
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
        outcomes = f"{len(rest)} more outcome{'s' if len(rest) > 1 else ''}"
        lines.append(f"and {outcomes}, {left} shots together ({left / shots:.3f})")
    return "\n".join(lines)


def _bar(length: float) -> str:
    eighths = round(8 * length)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
