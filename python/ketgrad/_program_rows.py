"""Programs as the functions of other libraries call them: on rows, with second derivatives.

Rows have inputs (rows, n_inputs) with values and cotangents (rows, n_values), or each is without
the rows. Weights are (n_weights,), for all rows, or (rows, n_weights).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad import _core

Array = npt.NDArray[Any]


class ProgramRows:
    """Expectation values, or probabilities of all or some qubits, of a program."""

    def __init__(self, program: _core.Program, of: str, qubits: list[int] | None) -> None:
        which: dict[str, Any] = {} if qubits is None else {"qubits": qubits}
        self.program = program
        self.n_inputs, self.n_weights = len(program.inputs), len(program.weights)
        self.n_values = program.n_observables
        if of == "probs":
            self.n_values = 2 ** (program.n_qubits if qubits is None else len(qubits))
        self._of: dict[str, Any] = {"of": of, **which}
        # The values of (x, w), and the derivatives of sum(g * values) by x and w, of (g, x, w).
        self.values: Callable[..., Array] = partial(getattr(program, of), **which)
        self.vjp: Callable[..., tuple[Array, Array]] = partial(program.vjp, **self._of)

    def slopes(self, x: Array, w: Array) -> tuple[Array, Array, Array]:
        """Compute the one value and its derivatives, as rows of the shapes of x and w."""
        values, by_x, by_w = self.program.jacobian(x, w, return_values=True, **self._of)
        return values, by_x[..., 0, :], by_w[..., 0, :]

    def jvp(self, x: Array, w: Array, dx: Array, dw: Array) -> Array:
        """Compute the derivatives of the values along (dx, dw)."""
        rows, shared = in_rows(x, dx), w.ndim == 1
        firsts, which = _distinct(rows[0], *([] if shared else [w]))
        by_x, by_w = self.program.jacobian(rows[0][firsts], w if shared else w[firsts], **self._of)
        out = product(by_x[which], rows[1])
        out += by_w[which] @ dw if shared else product(by_w[which], dw)
        return out if x.ndim == 2 else out[0]

    def hvp(self, g: Array, x: Array, w: Array, dx: Array, dw: Array) -> tuple[Array, Array]:
        """Compute the derivatives of vjp(g, x, w) along (dx, dw), g held fast."""
        g_rows, x_rows, dx_rows = in_rows(g, x, dx)
        n = len(x_rows)
        shared = w.ndim == 1
        w_rows, dw_rows = (np.broadcast_to(a, (n, self.n_weights)) for a in (w, dw))
        directions = np.concatenate([dx_rows, dw_rows], axis=1)
        firsts, which = _distinct(g_rows, x_rows, *([] if shared else [w]))
        out = np.empty((n, self.n_inputs + self.n_weights))
        for k, first in enumerate(firsts):
            here = np.flatnonzero(which == k)
            at: dict[str, Any] = {"inputs": x_rows[first], "weights": w_rows[first]}
            at |= {"cotangent": g_rows[first], "wrt": "all", **self._of}
            if len(here) == 1:
                out[first] = self.program.hvp(directions[first], **at)
            else:  # a direction costs about as much as the whole matrix
                out[here] = directions[here] @ self.program.hessian(**at)
        by_x, by_w = map(np.ascontiguousarray, np.split(out, [self.n_inputs], axis=1))
        return by_x.reshape(x.shape), by_w.sum(axis=0) if shared else by_w


def in_rows(*arrays: Array) -> list[Array]:
    """Make a single row of each that has none."""
    return [np.atleast_2d(a) for a in arrays]


def product(matrices: Array, vectors: Array) -> Array:
    """Multiply a matrix and a vector of every row."""
    out: Array = np.matmul(matrices, vectors[:, :, None])[:, :, 0]
    return out


def _distinct(*arrays: Array) -> tuple[Array, Array]:
    """Return where each row of the arrays together occurs first, and which of these each row is.

    vmap repeats the point for every direction, and a point's derivatives cost more than a product.
    """
    seen: dict[bytes, tuple[int, int]] = {}
    rows = np.concatenate(arrays, axis=1)
    which = [seen.setdefault(row.tobytes(), (len(seen), k))[0] for k, row in enumerate(rows)]
    return np.array([k for _, k in seen.values()]), np.array(which)
