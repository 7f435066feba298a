"""Values of Qiskit's classical expressions."""

import operator
from collections.abc import Callable
from typing import Any

from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types
from qiskit.exceptions import QiskitError

Number = int | float
ValueOf = Callable[[Any], Number]
"""The value of a bit or of a classical variable (`expr.Var`)."""

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "BIT_AND": operator.and_,
    "BIT_OR": operator.or_,
    "BIT_XOR": operator.xor,
    "LOGIC_AND": lambda a, b: a and b,
    "LOGIC_OR": lambda a, b: a or b,
    "EQUAL": operator.eq,
    "NOT_EQUAL": operator.ne,
    "LESS": operator.lt,
    "LESS_EQUAL": operator.le,
    "GREATER": operator.gt,
    "GREATER_EQUAL": operator.ge,
    "SHIFT_LEFT": operator.lshift,
    "SHIFT_RIGHT": operator.rshift,
    "ADD": operator.add,
    "SUB": operator.sub,
    "MUL": operator.mul,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "BIT_NOT": operator.invert,
    "LOGIC_NOT": operator.not_,
    "NEGATE": operator.neg,
}


def evaluate(node: expr.Expr, value_of: ValueOf) -> Number:
    """Give the value of an expression; of whole numbers modulo what their type holds.

    Raises QiskitError for expressions of times and divisions by zero.
    """
    match node:
        case expr.Value() if not isinstance(node.type, types.Duration):
            out = node.value
        case expr.Var() if isinstance(node.var, ClassicalRegister):
            out = sum(int(value_of(bit)) << k for k, bit in enumerate(node.var))
        case expr.Var():
            out = value_of(node.var if isinstance(node.var, Clbit) else node)
        case expr.Cast():
            out = evaluate(node.operand, value_of)
            if isinstance(node.type, types.Bool):
                out = out != 0
        case expr.Index():
            out = int(evaluate(node.target, value_of)) >> int(evaluate(node.index, value_of)) & 1
        case expr.Unary() if node.op.name in _UNARY:
            out = _UNARY[node.op.name](evaluate(node.operand, value_of))
        case expr.Binary() if node.op.name == "DIV":
            out = _quotient(node, value_of)
        case expr.Binary() if node.op.name in _BINARY:
            left, right = evaluate(node.left, value_of), evaluate(node.right, value_of)
            out = _BINARY[node.op.name](left, right)
        case _:
            raise QiskitError(f"ketgrad has no such classical expression: {node}")
    return fitted(out, node.type)


def fitted(value: Number, kind: types.Type) -> Number:
    """Give what of a value a type holds."""
    if isinstance(kind, types.Float):
        return float(value)
    return int(value) & (1 << (kind.width if isinstance(kind, types.Uint) else 1)) - 1


def _quotient(node: expr.Binary, value_of: ValueOf) -> Number:
    left, right = evaluate(node.left, value_of), evaluate(node.right, value_of)
    if right == 0:
        raise QiskitError(f"a division by zero in {node}")
    return left / right if isinstance(node.type, types.Float) else left // right
