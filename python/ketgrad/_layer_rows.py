"""Layers as the functions of other libraries call them: on rows."""

import json
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad import _core
from ketgrad._composed_curvature import curvature
from ketgrad._layer_curvature import Curvature, Move
from ketgrad._words import shown

Array = npt.NDArray[Any]


def layer_of(source: Any) -> _core.Layer | None:
    """Return the layer that a layer, a model or a program under noise is; None for all else."""
    if isinstance(source, _core.Layer):
        return source
    if isinstance(source, _core.Model):
        layer: _core.Layer = source.layer
        return layer
    return _core.NoisyLayer(source) if isinstance(source, _core.NoisyProgram) else None


def refuse_options(of: Any, qubits: Any) -> None:
    """Raise ValueError for what is said of programs alone."""
    if of != "expval" or qubits is not None:
        raise ValueError(
            f"of={shown(of)}, qubits={shown(qubits)}: a layer is made of what it reads, as "
            "CircuitLayer(program, of='probs')"
        )


def _require_finite(name: str, values: Array) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        where = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise ValueError(f"{name}{list(where)} is {values[where]}; it must be finite")


class LayerRows:
    """A layer whose parameters, "weights" in what follows, may be others for every row.

    Inputs have the shape (rows, n_inputs), weights (n_weights,) for all rows, which is one call, or
    (rows, n_weights), which is a call a row; without rows the inputs are (n_inputs,).
    """

    def __init__(self, layer: _core.Layer) -> None:
        self.layer = layer
        self.n_inputs, self.n_weights = layer.n_inputs, layer.n_parameters
        self.n_values = layer.n_outputs

    def values(self, x: Array, w: Array) -> Array:
        """Return the outputs: (rows, n_values), or (n_values,)."""
        _require_finite("inputs", x)
        _require_finite("weights", w)
        if w.ndim == 1:
            return self.layer.forward(x, w)
        out = np.empty((len(x), self.n_values))
        for k, row in enumerate(x):
            out[k] = self.layer.forward(row, w[k])
        return out

    def vjp(self, g: Array, x: Array, w: Array) -> tuple[Array, Array]:
        """Return the derivatives of sum(g * values), in the shapes of x and w."""
        if w.ndim == 1:
            return self.layer.vjp(g, x, w)
        by_x, by_w = np.empty(x.shape), np.empty(w.shape)
        for k, row in enumerate(x):
            by_x[k], by_w[k] = self.layer.vjp(g[k], row, w[k])
        return by_x, by_w

    def jacobian(self, x: Array, w: Array) -> Array:
        """Return the derivatives of every output: (rows, n_values, n_inputs + n_weights)."""
        out = np.empty((len(x), self.n_values, self.n_inputs + self.n_weights))
        for k, row in enumerate(x):
            own = w if w.ndim == 1 else w[k]
            for j, g in enumerate(np.eye(self.n_values)):
                out[k, j] = np.concatenate(self.layer.vjp(g, row, own))
        return out

    @cached_property
    def curvature(self) -> Curvature:
        """What second derivatives are made of; NotImplementedError, naming the layer without."""
        return curvature(json.loads(self.layer.to_json()))

    def hvp(self, g: Array, x: Array, w: Array, dx: Array, dw: Array) -> tuple[Array, Array]:
        """Return the derivatives of vjp(g, x, w) along (dx, dw), g held fast."""
        g_rows, x_rows, dx_rows = np.atleast_2d(g), np.atleast_2d(x), np.atleast_2d(dx)
        shape = len(x_rows), self.n_weights
        move = Move(x_rows, np.broadcast_to(w, shape), dx_rows, np.broadcast_to(dw, shape))
        _, by_x, by_w = self.curvature.pull(move, g_rows, np.zeros_like(g_rows))
        return by_x.reshape(x.shape), by_w.sum(axis=0) if w.ndim == 1 else by_w

    def hessian(self, x: Array, w: Array) -> Array:
        """Return the second derivatives of every output: (rows, n_values, P, P), P as jacobian's.

        All of a row's come from one pass, whose rows are its outputs and directions.
        """
        p = self.n_inputs + self.n_weights
        n = self.n_values * p
        cotangents = np.repeat(np.eye(self.n_values), p, axis=0)
        along = np.tile(np.eye(p), (self.n_values, 1))
        out = np.empty((len(x), self.n_values, p, p))
        for k, row in enumerate(x):
            own = np.broadcast_to(w if w.ndim == 1 else w[k], (n, self.n_weights))
            at = np.broadcast_to(row, (n, self.n_inputs))
            parts = self.hvp(cotangents, at, own, *np.split(along, [self.n_inputs], axis=1))
            out[k] = np.concatenate(parts, axis=1).reshape(self.n_values, p, p)
        return out
