"""``ketgrad draw``: a circuit as text, SVG or PNG."""

import argparse

from ketgrad._core import Circuit
from ketgrad.commands.arguments import at_least, file_name
from ketgrad.commands.circuits import add_circuit, read_circuit
from ketgrad.commands.outputs import Outputs

EPILOG = """\
examples:
  ketgrad draw qft.qasm
  ketgrad draw qft.qasm --svg qft.svg --png qft.png
  ketgrad draw adder.qasm --expand all
  ketgrad draw qft.json --text qft.txt --width 100
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    add_circuit(parser)
    for option, text in (
        ("--svg", "write an SVG picture there; here and below, - is standard output"),
        ("--png", "write a PNG picture there (by matplotlib)"),
        ("--text", "write the text there instead of printing it"),
    ):
        parser.add_argument(option, metavar="OUT", type=file_name, help=text)
    parser.add_argument(
        "--expand",
        metavar="LEVELS",
        type=_levels,
        default=0,
        help="how many levels of boxes to open, or all",
    )
    parser.add_argument(
        "--width",
        type=at_least(0),
        metavar="N",
        help="columns at which text folds; 0 never (the terminal's if left out)",
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    outputs = Outputs(args.svg, args.png, args.text, inputs=[args.file])
    circuit = read_circuit(args)
    if args.svg is not None:
        outputs.write(args.svg, circuit.svg(args.expand))
    if args.png is not None:
        outputs.write(args.png, _png(circuit, args.expand))
    if args.text is not None:
        outputs.write(args.text, circuit.draw(args.width or 0, args.expand) + "\n")
    if args.svg is args.png is args.text is None:
        print(circuit.draw(args.width, args.expand))
    return 0


def _levels(text: str) -> bool | int:
    return text == "all" or at_least(0)(text)


def _png(circuit: Circuit, expand: bool | int) -> bytes:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    from ketgrad.plots import draw_circuit
    from ketgrad.plots.look import png

    figure = draw_circuit(circuit, expand=expand).figure
    assert isinstance(figure, Figure)
    try:
        return png(figure)
    finally:
        plt.close(figure)
