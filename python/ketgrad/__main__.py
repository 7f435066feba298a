"""The command line: ``python -m ketgrad``, or ``ketgrad`` once installed."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from ketgrad import __version__, show_config

# Imported only where they are asked for: demo and bench need optional packages.
_MODULES = {"demo": "ketgrad.demo", "bench": "ketgrad.bench"}
_HELP = {
    "demo": "train quantum classifiers on real data, beside classical ones",
    "bench": "measure speed over the number of qubits",
    "info": "print version, instruction set, threads and libraries",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a sub-command; returns the exit code (2 for bad usage).

    >>> main(["info"])  # doctest: +ELLIPSIS
    ketgrad ...
    0
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        parser = _parser(arguments[0] if arguments else "")
        args = parser.parse_args(arguments)
        if args.command == "info":
            show_config()
            return 0
        return int(import_module(_MODULES[args.command]).main(args))
    except SystemExit as stop:  # argparse: --help, --version, or bad usage
        return stop.code if isinstance(stop.code, int) else 2
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except ModuleNotFoundError as error:
        return _fail(f"this command needs {error.name}: pip install 'ketgrad[all]'", 1)
    except (OSError, ValueError, MemoryError) as error:
        return _fail(str(error) or type(error).__name__, 1)


def _parser(command: str) -> argparse.ArgumentParser:
    """Build the parser; only the sub-command asked for is imported for its options."""
    parser = _OneLineParser(
        prog="ketgrad", description="Quantum circuits with fast gradients, for quantum models."
    )
    parser.add_argument("--version", action="version", version=f"ketgrad {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in _HELP.items():
        sub = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        if name == command and name in _MODULES:
            import_module(_MODULES[name]).add_arguments(sub)
    return parser


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse would print the usage first."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"{self.prog}: error: {message} (try {self.prog} --help)\n")


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    print(f"ketgrad: error: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
