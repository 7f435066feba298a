"""Second derivatives of single layers: how their vector-Jacobian products change along directions.

Forwards the change of every layer's outputs is pushed along with them, and back go the cotangents
and their changes (Pearlmutter 1994, Fast exact multiplication by the Hessian, Neural Computation
6, 147). Every row has parameters and a direction of its own.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad import _core
from ketgrad._program_rows import ProgramRows

Array = npt.NDArray[Any]
Document = dict[str, Any]


@dataclass(frozen=True)
class Move:
    """Inputs (rows, n_inputs) and parameters (rows, n_parameters) and where they move."""

    x: Array
    w: Array
    dx: Array
    dw: Array

    def of(self, parameters: slice | Array) -> tuple[Array, Array]:
        """Take some of the parameters and their changes."""
        return self.w[:, parameters], self.dw[:, parameters]


Outputs = tuple[Array, Array]  # and their changes
Pulled = tuple[Array, Array, Array]  # by inputs, and the changes of that and of by parameters


class Curvature(ABC):
    """What a kind of layer knows of itself."""

    n_parameters = 0

    @abstractmethod
    def push(self, move: Move) -> Outputs:
        """Compute the outputs and how they change."""

    @abstractmethod
    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        """Compute derivatives of sum(g * outputs), each row's own, and how they change."""


class Dense(Curvature):
    """W x + b."""

    def __init__(self, document: Document) -> None:
        self._shape = document["n_outputs"], document["n_inputs"]
        self._bias = document["bias"]
        self._n = int(np.prod(self._shape))
        self.n_parameters = self._n + (self._shape[0] if self._bias else 0)

    def _weights(self, move: Move) -> tuple[Array, Array]:
        w, dw = move.of(slice(self._n))
        return w.reshape(-1, *self._shape), dw.reshape(-1, *self._shape)

    def push(self, move: Move) -> Outputs:
        w, dw = self._weights(move)
        out = np.einsum("rmn,rn->rm", w, move.x)
        moved = np.einsum("rmn,rn->rm", w, move.dx) + np.einsum("rmn,rn->rm", dw, move.x)
        if self._bias:
            bias, shifting = move.of(slice(self._n, None))
            out, moved = out + bias, moved + shifting
        return out, moved

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        w, dw = self._weights(move)
        by_x = np.einsum("rmn,rm->rn", w, g)
        moved = np.einsum("rmn,rm->rn", w, dg) + np.einsum("rmn,rm->rn", dw, g)
        by_w = dg[:, :, None] * move.x[:, None] + g[:, :, None] * move.dx[:, None]
        parts = [by_w.reshape(len(g), -1), dg] if self._bias else [by_w.reshape(len(g), -1)]
        return by_x, moved, np.concatenate(parts, axis=1)


class ScaleShift(Curvature):
    """Of every value."""

    def __init__(self, document: Document) -> None:
        self._size, self._scale, self._shift = (document[k] for k in ("size", "scale", "shift"))
        self.n_parameters = self._size * (self._scale + self._shift)

    def _scales(self, move: Move) -> tuple[Any, Any]:
        return move.of(slice(self._size)) if self._scale else (1.0, 0.0)

    def push(self, move: Move) -> Outputs:
        scale, moving = self._scales(move)
        out, moved = scale * move.x, scale * move.dx + moving * move.x
        if self._shift:
            shift, shifting = move.of(slice(self.n_parameters - self._size, None))
            out, moved = out + shift, moved + shifting
        return out, moved

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        scale, moving = self._scales(move)
        parts = [np.empty((len(g), 0))]
        parts += [dg * move.x + g * move.dx] if self._scale else []
        parts += [dg] if self._shift else []
        return g * scale, dg * scale + g * moving, np.concatenate(parts, axis=1)


class Activation(Curvature):
    """Of every value, or of the rows."""

    def __init__(self, document: Document) -> None:
        self._layer = _core.Activation(document["name"], document["size"])
        # The slope and its derivative, of the outputs; softmax has a matrix.
        self._slope = {
            "tanh": lambda y: (1 - y * y, -2 * y),
            "relu": lambda y: ((y > 0).astype(float), np.zeros_like(y)),
            "sigmoid": lambda y: (y * (1 - y), 1 - 2 * y),
        }.get(document["name"])

    def push(self, move: Move) -> Outputs:
        y = self._layer.forward(move.x, [])
        if self._slope is None:
            return y, y * (move.dx - _inner(y, move.dx))
        return y, self._slope(y)[0] * move.dx

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        y, dy = self.push(move)
        none = np.empty((len(g), 0))
        if self._slope is None:
            centred = g - _inner(y, g)
            return y * centred, dy * centred + y * (dg - _inner(dy, g) - _inner(y, dg)), none
        slope, bend = self._slope(y)
        return g * slope, dg * slope + g * bend * dy, none


def _inner(a: Array, b: Array) -> Array:
    out: Array = np.sum(a * b, axis=1, keepdims=True)
    return out


class Circuit(Curvature):
    """Values of a program."""

    def __init__(self, document: Document) -> None:
        program = _core.Program.from_json(json.dumps(document["program"]))
        self._rows = ProgramRows(program, document["of"], document["qubits"] or None)
        self.n_parameters = self._rows.n_weights
        self._outcomes = document.get("outcomes", slice(None))

    def push(self, move: Move) -> Outputs:
        values = self._rows.values(move.x, move.w)
        moved = self._rows.jvp(move.x, move.w, move.dx, move.dw)
        return values[:, self._outcomes], moved[:, self._outcomes]

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        g, dg = self._spread(g), self._spread(dg)
        by_x, _ = self._rows.vjp(g, move.x, move.w)
        moved_x, moved_w = self._rows.vjp(dg, move.x, move.w)
        bent_x, bent_w = self._rows.hvp(g, move.x, move.w, move.dx, move.dw)
        return by_x, moved_x + bent_x, moved_w + bent_w

    def _spread(self, g: Array) -> Array:
        out = np.zeros((len(g), self._rows.n_values))
        np.add.at(out.T, self._outcomes, g.T)  # an outcome may be there twice
        return out
