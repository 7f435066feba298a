"""Types of command line options, whose errors name the value and the limit."""

import argparse
import ast
import math
import operator
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_NUMBERS = re.compile(r"(?:pi|[\d.]+(?:e[+-]?\d+)?|[-+*/()\s])+", re.IGNORECASE)
_LONGEST_EXPRESSION = 200
_OPERATORS: dict[type, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


class UsageError(ValueError):
    """Options that do not go together; a command that raises it ends as for any wrong option."""


def file_name(text: str) -> str:
    """Check the name of a file: empty is what an unset variable of a script leaves.

    >>> file_name("bell.qasm")
    'bell.qasm'
    """
    if not text:
        raise argparse.ArgumentTypeError("the name of the file is empty")
    return text


def folder_name(text: str) -> Path:
    """Check the name of a folder, as that of a file."""
    return Path(file_name(text))


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the file of a trained model, MODEL."""
    text = "a model that ketgrad train or save() wrote"
    parser.add_argument("model", metavar="MODEL", type=file_name, help=text)


def add_choice(parser: argparse.ArgumentParser, option: str, *choices: str, text: str) -> None:
    """Declare an option of few values, of which it has the first where it is left out."""
    parser.add_argument(option, choices=choices, default=choices[0], help=text)


def at_least(low: int, high: int | None = None) -> Callable[[str], int]:
    """Make the type of an option that is an integer from `low` to `high` (None: no limit).

    >>> at_least(1)("3"), at_least(1)("1_000"), at_least(1)("1e3")
    (3, 1000, 1000)
    """
    allowed = f"at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        try:
            value = _whole(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not an integer; it must be {allowed}"
            ) from None
        if value < low or (high is not None and value > high):
            raise argparse.ArgumentTypeError(f"{value} is out of range; it must be {allowed}")
        return value

    return parse


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        value = float(text)
        if not value.is_integer():
            raise
        return int(value)


def expression(text: str) -> float:
    """Read a number, or an expression of numbers, pi, + - * / and parentheses.

    Raises ValueError for anything else, and where the value is not finite.

    >>> expression("-3*pi/2") == -1.5 * math.pi, expression("(1 + 2) / 4")
    (True, 0.75)
    """
    text = text.strip().replace("π", "pi")
    try:
        if len(text) > _LONGEST_EXPRESSION or not _NUMBERS.fullmatch(text):
            raise ValueError
        value = _value(ast.parse(text, mode="eval").body)
    except (ArithmeticError, SyntaxError):
        raise ValueError from None
    if not math.isfinite(value):
        raise ValueError
    return value


def _value(node: Any) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name.lower() == "pi":
            return math.pi
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand))
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left), _value(right))
    raise ValueError


def between(low: float, high: float) -> Callable[[str], float]:
    """Make the type of an option that is a number in the open interval from `low` to `high`.

    >>> between(0, 1)("0.2")
    0.2
    """

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low < value < high:
            raise argparse.ArgumentTypeError(
                f"{text!r} must be a number above {low} and below {high}"
            )
        return value

    return parse
