"""Conditions of Qiskit's control flow, as values of classical bits."""

import operator
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types
from qiskit.exceptions import QiskitError

from ketgrad import Circuit

_MOST_BITS = 10  # of a condition: all their values are tried
Values = dict[int, int]
"""The value, 0 or 1, of bits by their number in the circuit."""

_BINARY: dict[str, Callable[[int, int], int]] = {
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


def append_if(out: Circuit, holds: list[Values], then: Circuit, otherwise: Circuit) -> None:
    """Append a circuit that acts where bits have one of some values, and one that does elsewhere.

    Raises QiskitError where a measurement inside would change what it depends on.
    """
    if not holds:
        out.compose(otherwise)
        return
    first, *others = holds
    if others:
        nested = Circuit(out.qubit_registers, out.bit_registers)
        append_if(nested, others, then, otherwise)
        otherwise = nested
    try:
        out.when(first, then, otherwise)
    except ValueError as error:
        raise QiskitError(f"ketgrad cannot run this control flow: {error}") from error


def where(condition: Any, number: Callable[[Clbit], int]) -> tuple[list[Values], bool]:
    """Give the values of bits where a condition holds, or where it does not if those are fewer.

    Returns
    -------
    values : list of dict
    holds : bool
        Whether they are those where it holds.

    """
    if isinstance(condition, tuple):
        bits, value = condition
        return values_of(bits, int(value), number), True
    bits = _bits_of(condition)
    found: dict[bool, list[Values]] = {False: [], True: []}
    for values in product((0, 1), repeat=len(bits)):
        given = dict(zip(bits, values, strict=True))
        holds = bool(_evaluate(condition, given))
        found[holds].append({number(bit): value for bit, value in given.items()})
    holds = len(found[True]) <= len(found[False])
    return found[holds], holds


def values_of(
    target: Clbit | ClassicalRegister, value: int, number: Callable[[Clbit], int]
) -> list[Values]:
    """Give the values of the bits where a bit or register has a value: none where it cannot."""
    bits = [target] if isinstance(target, Clbit) else list(target)
    if value >> len(bits):
        return []
    return [{number(bit): value >> k & 1 for k, bit in enumerate(bits)}]


def cases_of(target: Any, value: int, number: Callable[[Clbit], int]) -> list[Values]:
    """Give the values of the bits where the target of a switch has a value."""
    if isinstance(target, Clbit | ClassicalRegister):
        return values_of(target, value, number)
    equal = expr.equal(target, value)
    found, holds = where(equal, number)
    if holds:
        return found
    numbers = [number(bit) for bit in _bits_of(target)]
    every = [dict(zip(numbers, v, strict=True)) for v in product((0, 1), repeat=len(numbers))]
    return [values for values in every if values not in found]


def _bits_of(condition: expr.Expr) -> list[Clbit]:
    """Give the bits that an expression looks at, each once."""
    out: dict[Clbit, None] = {}
    for node in _variables(condition):
        if isinstance(node.var, Clbit):
            out[node.var] = None
        elif isinstance(node.var, ClassicalRegister):
            out |= dict.fromkeys(node.var)
        else:
            raise QiskitError(f"ketgrad has no classical variables, as in {condition}")
    if len(out) > _MOST_BITS:
        raise QiskitError(f"a condition on {len(out)} bits; ketgrad takes {_MOST_BITS} at most")
    return list(out)


def _variables(node: expr.Expr) -> Iterator[expr.Var]:
    yield from expr.iter_vars(node)


def _evaluate(node: expr.Expr, bits: dict[Clbit, int]) -> int:
    """Give the value of an expression, as a whole number."""
    match node:
        case expr.Value():
            return int(node.value)
        case expr.Var() if isinstance(node.var, Clbit):
            return bits[node.var]
        case expr.Var():
            return sum(bits[bit] << k for k, bit in enumerate(node.var))
        case expr.Cast():
            out = _evaluate(node.operand, bits)
        case expr.Index():
            return _evaluate(node.target, bits) >> _evaluate(node.index, bits) & 1
        case expr.Unary():
            of = _evaluate(node.operand, bits)
            out = ~of if node.op.name == "BIT_NOT" else not of
        case expr.Binary() if node.op.name in _BINARY:
            left, right = _evaluate(node.left, bits), _evaluate(node.right, bits)
            out = _BINARY[node.op.name](left, right)
        case _:
            raise QiskitError(f"ketgrad has no such expression in conditions: {node}")
    return (
        int(out) & (1 << node.type.width) - 1 if isinstance(node.type, types.Uint) else int(out) & 1
    )
