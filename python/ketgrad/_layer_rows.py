"""Layers as the functions of other libraries call them: on rows, with first derivatives."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad import _core
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
