"""SymPy's expressions as ketgrad's, and back."""

import math
import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import sympy

from ketgrad import Expression, Parameter

Angle = float | Parameter | Expression
Tree = Any
"""An expression as ketgrad writes it: a number, {"parameter": name} or {"op": name, "args": []}."""

_FUNCTIONS: dict[Any, str] = {
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.asin: "arcsin",
    sympy.acos: "arccos",
    sympy.atan: "arctan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.exp: "exp",
    sympy.log: "log",
}
_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "abs": sympy.Abs,
    "exp2": lambda x: 2**x,
    "log2": lambda x: sympy.log(x, 2),
    "log10": lambda x: sympy.log(x, 10),
    "sqrt": sympy.sqrt,
    "deg2rad": lambda x: x * sympy.pi / 180,
    "rad2deg": lambda x: x * 180 / sympy.pi,
    **{name: function for function, name in _FUNCTIONS.items()},
}


def half_turns(number: Any) -> Angle:
    """Give the angle of a number of half turns, as Cirq's exponents are."""
    if not isinstance(number, sympy.Basic):
        return math.pi * float(number)
    return read(sympy.pi * number)  # SymPy cancels the π that rotations divide by


def read(expression: Any) -> Angle:
    """Read a number or an expression of SymPy."""
    if not isinstance(expression, sympy.Basic):
        return float(expression)
    if isinstance(expression, sympy.Symbol):
        return Parameter(expression.name)
    if not expression.free_symbols:
        return float(expression)
    arguments = [read(argument) for argument in expression.args]
    if isinstance(expression, sympy.Add):
        return reduce(operator.add, arguments)
    if isinstance(expression, sympy.Mul):
        return reduce(operator.mul, arguments)
    if isinstance(expression, sympy.Pow):
        return _power(*arguments)
    if isinstance(expression, sympy.Abs):
        return abs(Expression(arguments[0]))
    name = _FUNCTIONS.get(expression.func)
    if name is None or len(arguments) != 1:
        raise TypeError(f"{expression} has {expression.func}, which ketgrad's expressions lack")
    return getattr(Expression(arguments[0]), name)()  # type: ignore[no-any-return]


def _power(base: Angle, exponent: Angle) -> Angle:
    if exponent == 0.5:
        return Expression(base).sqrt()
    return 1 / base if exponent == -1 else base**exponent


def write(tree: Tree) -> Any:
    """Write an expression's tree: a number, or an expression of SymPy."""
    if not isinstance(tree, dict):
        return tree
    if "parameter" in tree:
        return sympy.Symbol(tree["parameter"])
    return _OPERATORS[tree["op"]](*map(write, tree["args"]))
