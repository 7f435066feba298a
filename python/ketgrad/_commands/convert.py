"""``ketgrad convert``: a circuit in another language."""

import argparse

from ketgrad._commands.circuits import FILE_HELP, read_circuit, write_circuit

EPILOG = """\
examples:
  ketgrad convert old.qasm new.qasm --version 3
  ketgrad convert circuit.json circuit.qasm --version 2
  ketgrad convert circuit.qasm circuit.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="IN", help=FILE_HELP)
    parser.add_argument("output", metavar="OUT", help="ends in .qasm or .json")
    parser.add_argument(
        "--version", type=int, choices=(2, 3), default=3, help="of OpenQASM that is written"
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    write_circuit(read_circuit(args.file), args.output, args.version)
    print(f"wrote {args.output}")
    return 0
