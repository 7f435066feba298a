"""``ketgrad draw``: a circuit as text, SVG or PNG."""

import argparse
from pathlib import Path
from typing import cast

from ketgrad._arguments import at_least
from ketgrad._commands.circuits import FILE_HELP, read_circuit
from ketgrad._core import Circuit

EPILOG = """\
examples:
  ketgrad draw qft.qasm
  ketgrad draw qft.qasm --svg qft.svg --png qft.png
  ketgrad draw qft.json --text qft.txt --width 100
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    parser.add_argument("--svg", metavar="OUT", help="write an SVG picture there")
    parser.add_argument("--png", metavar="OUT", help="write a PNG picture there (by matplotlib)")
    parser.add_argument("--text", metavar="OUT", help="write the text there instead of printing it")
    parser.add_argument(
        "--width",
        type=at_least(0),
        metavar="N",
        help="columns at which text folds; 0 never (the terminal's if left out)",
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    circuit = read_circuit(args.file)
    written = []
    if args.svg is not None:
        Path(args.svg).write_text(circuit.svg(), encoding="utf-8")
        written.append(args.svg)
    if args.png is not None:
        _write_png(circuit, args.png)
        written.append(args.png)
    if args.text is not None:
        Path(args.text).write_text(circuit.draw(args.width or 0) + "\n", encoding="utf-8")
        written.append(args.text)
    for path in written:
        print(f"wrote {path}")
    if not written:
        print(circuit.draw(args.width))
    return 0


def _write_png(circuit: Circuit, path: str) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    from ketgrad.plots import draw_circuit

    figure = cast(Figure, draw_circuit(circuit).figure)
    try:
        figure.savefig(path, dpi=150, format="png")
    finally:
        plt.close(figure)
