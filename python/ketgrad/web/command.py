"""``ketgrad export``: a trained model as a page of the web."""

import argparse
from pathlib import Path

from ketgrad.commands.arguments import add_model, file_name
from ketgrad.commands.outputs import Outputs
from ketgrad.web.exportable import exportable
from ketgrad.web.module import read_module
from ketgrad.web.page import model_page

EPILOG = """\
examples:
  ketgrad export out/model.json --html flowers.html
  ketgrad export digits.json --html digits.html --title "Handwritten digits"

The page is one file that needs no server and no network: it has the C++ core inside, as
WebAssembly, and predicts with the numbers of Python. Features have a field each, 64 of them, none
below 0 on average, a pad of 8 x 8 pixels to draw on. Models with shots or noise, of more than 16
qubits, and kernel machines are refused.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    add_model(parser)
    parser.add_argument(
        "--html",
        metavar="OUT",
        type=file_name,
        required=True,
        help="the page to write; - is standard output",
    )
    parser.add_argument("--title", help="of the page; the name of the model's file if left out")


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    outputs = Outputs(args.html, inputs=[args.model])
    document = exportable(args.model)
    title = args.title or Path(args.model).stem
    outputs.write(args.html, model_page(document, title, read_module()))
    return 0
