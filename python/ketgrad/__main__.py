"""The command line: ``python -m ketgrad``, or ``ketgrad`` once installed."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

from ketgrad import __version__
from ketgrad.commands import notices
from ketgrad.commands.arguments import UsageError

# Imported only where they are asked for: most need optional packages.
_MODULES = {
    "run": "ketgrad.commands.run",
    "draw": "ketgrad.commands.draw",
    "convert": "ketgrad.commands.convert",
    "info": "ketgrad.commands.info",
    "plan": "ketgrad.commands.plan",
    "train": "ketgrad.commands.train",
    "predict": "ketgrad.commands.predict",
    "serve": "ketgrad.serve.command",
    "export": "ketgrad.web.command",
    "bench": "ketgrad.commands.bench.command",
    "demo": "ketgrad.commands.demo.command",
    "reproduce": "ketgrad.commands.reproduce",
}
_HELP = {
    "run": "run the shots of a circuit and count the outcomes",
    "draw": "draw a circuit as text, SVG or PNG",
    "convert": "write a circuit in another language",
    "info": "tell about a circuit, or about this installation",
    "plan": "tell what a circuit would cost on many machines",
    "train": "train a quantum model on a CSV file, beside classical ones",
    "predict": "predict with a trained model",
    "serve": "predict with a trained model for whoever asks over the network",
    "export": "write a trained model as a page that predicts in the browser",
    "bench": "measure speed over the number of qubits",
    "demo": "train quantum classifiers on real data, beside classical ones",
    "reproduce": "run published experiments again, their figures beside ours",
}
_EXTRAS = {"fastapi": "serve", "uvicorn": "serve"}  # by package, where it is not "all"
_EPILOG = """\
examples:
  ketgrad run bell.qasm --shots 1000 --seed 1
  ketgrad draw qft.qasm --svg qft.svg
  ketgrad train flowers.csv --target species
  ketgrad train --help

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. Errors are one line on stderr.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a sub-command; returns the exit code (2 for bad usage).

    >>> main(["info"])  # doctest: +ELLIPSIS
    ketgrad ...
    0
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    notices.forget()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where it has no letters for boxes and bars
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: notices.note(f"warning: {message}")
            return _run(arguments)
    except SystemExit as stop:  # argparse: --help, --version, or bad usage
        return stop.code if isinstance(stop.code, int) else 2
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "", "all")
        return _fail(f"this command needs {error.name}: pip install 'ketgrad[{extra}]'", 1)
    except BrokenPipeError:  # `ketgrad draw … | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        return _fail(what or str(error), 1)
    except MemoryError as error:
        message = str(error)
        return _fail("out of memory" if message in ("", "std::bad_alloc") else message, 1)
    except (ValueError, IndexError, RuntimeError, TypeError) as error:
        return _fail(str(error) or type(error).__name__, 1)


def _run(arguments: list[str]) -> int:
    parser, command = _parsers(arguments[0] if arguments else "")
    args, unknown = parser.parse_known_args(arguments)
    if unknown:
        command.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        code = int(import_module(_MODULES[args.command]).main(args))
    except UsageError as error:
        command.error(str(error))
    print(end="", flush=True)  # what cannot be written fails here; a closed standard output is fine
    notices.say()
    return code


def _parsers(command: str) -> tuple["_OneLineParser", "_OneLineParser"]:
    """Build the parser and that of the sub-command, the only one that is imported for its options.

    Where there is no such command, both are the same.
    """
    parser = _OneLineParser(
        prog="ketgrad",
        description="Quantum circuits with fast gradients, for quantum models.",
        epilog=_EPILOG,
        formatter_class=_Formatter,
    )
    parser.add_argument("--version", action="version", version=f"ketgrad {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    chosen = parser
    for name, text in _HELP.items():
        sub = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            formatter_class=_Formatter,
        )
        if name == command:
            import_module(_MODULES[name]).add_arguments(sub)
            chosen = sub
    return parser, chosen


class _Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Examples keep their lines; options say their defaults where they have one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, False, []):
            return action.help
        return super()._get_help_string(action)


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, where argparse would print the usage first."""

    def error(self, message: str) -> NoReturn:
        line = notices.one_line(message)
        notices.print_error(f"{self.prog}: error: {line} (try {self.prog} --help)")
        self.exit(2)


def _fail(message: str, code: int) -> int:
    notices.print_error(f"ketgrad: error: {notices.one_line(message)}")
    return code


if __name__ == "__main__":
    sys.exit(main())
