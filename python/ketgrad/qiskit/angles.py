"""Parameters and expressions of Qiskit as those of ketgrad, and back."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from qiskit.circuit import Parameter as QiskitParameter
from qiskit.circuit import ParameterExpression, ParameterVectorElement
from qiskit.circuit import ParameterVector as QiskitVector
from qiskit.circuit.parameterexpression import op_code_to_method
from qiskit.exceptions import QiskitError

from ketgrad import Expression, Parameter, ParameterVector

Angle = float | Parameter | Expression

_UNARY = {"sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp", "log"}
_SAME_FOR_REALS = "conjugate"


def angle(value: Any) -> Angle:
    """Give a parameter of an instruction, a number or an expression, as ketgrad's."""
    if isinstance(value, QiskitParameter):
        return parameter(value)
    if isinstance(value, ParameterExpression):
        return _expression(value) if value.parameters else angle(value.numeric())
    if isinstance(value, complex) and value.imag:
        raise QiskitError(f"the angle {value} is no real number")
    number = float(value.real if isinstance(value, complex) else value)
    if not isfinite(number):
        raise QiskitError(f"an angle is {number}; it must be finite")
    return number


def parameter(given: QiskitParameter) -> Parameter:
    """Give a parameter, or element of a vector, of the same name."""
    if isinstance(given, ParameterVectorElement):
        vector = ParameterVector(given.vector.name, len(given.vector))
        element: Parameter = vector[given.index]
        return element
    return Parameter(given.name)


def _expression(value: ParameterExpression) -> Expression:
    """Repeat what an expression was made by: operations on what the last ones left."""
    stack: list[Expression] = []

    def operand(given: Any) -> Expression:
        return stack.pop() if given is None else Expression(angle(given))

    for step in value._qpy_replay:
        method = op_code_to_method(step.op)
        if method in _UNARY or method in ("abs", _SAME_FOR_REALS):
            of = operand(step.lhs)
            name = "__abs__" if method == "abs" else method
            stack.append(of if method == _SAME_FOR_REALS else getattr(of, name)())
        elif method.startswith("__"):
            right = operand(step.rhs)  # the last that was left, where both were
            stack.append(getattr(operand(step.lhs), method)(right))
        else:
            raise QiskitError(f"ketgrad has no '{method}' in expressions, as in {value}")
    return stack.pop()


_BACK: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "neg": lambda a: -a,
    "abs": abs,
    "sqrt": lambda a: a**0.5,
    "tanh": lambda a: 1 - 2 / ((2 * a).exp() + 1),
}


class QiskitParameters:
    """The parameters of a circuit to be, each made once."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def angle(self, tree: Any) -> Any:
        """Give the expression that a tree of :meth:`ketgrad.Circuit.to_json` stands for."""
        if not isinstance(tree, dict):
            return tree
        if "parameter" in tree:
            return self._parameter(tree["parameter"], tree.get("vector_size"))
        args = [self.angle(arg) for arg in tree["args"]]
        op = tree["op"]
        return getattr(args[0], op)() if op in _UNARY else _BACK[op](*args)

    def _parameter(self, name: str, size: int | None) -> Any:
        if size is None:
            return self._made.setdefault(name, QiskitParameter(name))
        vector, _, index = name.rpartition("[")
        if vector not in self._made:
            self._made[vector] = QiskitVector(vector, size)
        return self._made[vector][int(index.rstrip("]"))]
