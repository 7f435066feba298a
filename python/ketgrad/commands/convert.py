"""``ketgrad convert``: a circuit in another language."""

import argparse
from pathlib import Path

from ketgrad.commands.arguments import UsageError, file_name
from ketgrad.commands.circuits import add_circuit, read_circuit
from ketgrad.commands.outputs import STDOUT, Outputs

EPILOG = """\
examples:
  ketgrad convert old.qasm new.qasm --version 3
  ketgrad convert circuit.json circuit.qasm --version 2
  ketgrad convert circuit.qasm circuit.json
  ketgrad convert circuit.qasm - --to json | jq .
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    add_circuit(parser, "IN")
    parser.add_argument(
        "output",
        metavar="OUT",
        type=file_name,
        help="ends in .qasm or .json; - writes to standard output, OpenQASM if --to is left out",
    )
    parser.add_argument(
        "--to", choices=("qasm", "json"), help="the language, whatever the name of OUT ends in"
    )
    parser.add_argument(
        "--version", type=int, choices=(2, 3), default=3, help="of OpenQASM that is written"
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    language = args.to or _language(args.output)
    outputs = Outputs(args.output)
    circuit = read_circuit(args)
    text = circuit.to_json() if language == "json" else circuit.to_qasm(version=args.version)
    outputs.write(args.output, text if text.endswith("\n") else text + "\n")
    return 0


def _language(path: str) -> str:
    ending = ".qasm" if path == STDOUT else Path(path).suffix.lower()
    if ending not in (".qasm", ".json"):
        raise UsageError(f"{path} must end in .qasm or .json, or --to say what it is")
    return ending[1:]
