"""What is computed of a program and differentiated, on NumPy's arrays; known by a number.

The arrays of a call have rows or not, all alike: inputs (rows, n_inputs) with values and cotangents
(rows, n_values), or each without the rows. Weights are (n_weights,), for all rows, or
(rows, n_weights).
"""

import hashlib
import pickle
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

import ketgrad as kg
from ketgrad._layer_rows import LayerRows, layer_of, refuse_options
from ketgrad._numbers import integer
from ketgrad._words import shown

Array = npt.NDArray[Any]

_KINDS = ("expval", "probs")


class Quantity:
    """Expectation values, or probabilities of all or some qubits, of a program.

    Never changed once made. Its `handle` follows from its content, so that it is the same in every
    process: what is compiled and kept on disk there means the same here.
    """

    def __init__(self, program: kg.Program, of: str, qubits: Sequence[int] | int | None) -> None:
        if of not in _KINDS:
            raise ValueError(f"of={shown(of)}; it must be 'expval' or 'probs'")
        if of == "expval" and program.n_observables == 0:
            raise ValueError("the program has no observables: compile it with some, or of='probs'")
        if qubits is not None and of != "probs":
            raise ValueError("qubits is given without of='probs', and would be ignored")
        if not (program.inputs or program.weights):
            raise ValueError("the program has neither inputs nor weights to be a function of")
        self.program, self.of = program, of
        self.qubits = None if qubits is None else _checked(qubits, program.n_qubits)
        self.n_inputs, self.n_weights = len(program.inputs), len(program.weights)
        self.n_values = program.n_observables
        if of == "probs":
            self.n_values = 2 ** (program.n_qubits if self.qubits is None else len(self.qubits))
        which: dict[str, Any] = {} if self.qubits is None else {"qubits": self.qubits}
        self._of: dict[str, Any] = {"of": of, **which}
        # The values of (x, w), and the derivatives of sum(g * values) by x and w, of (g, x, w).
        self.values: Callable[..., Array] = partial(getattr(program, of), **which)
        self.vjp: Callable[..., tuple[Array, Array]] = partial(program.vjp, **self._of)
        self.source = (program, of, self.qubits)
        self.what = f"{program.n_qubits} qubits"
        self.handle = _handle(self.source)

    def __reduce__(self) -> Any:
        return quantity, self.source

    def __deepcopy__(self, memo: Any) -> "Quantity":
        return self

    @property
    def has_slopes(self) -> bool:
        """Whether a value and its derivatives come from one run: where there is one value."""
        return self.n_values == 1

    def slopes(self, x: Array, w: Array) -> tuple[Array, Array, Array]:
        """Compute the one value and its derivatives, as rows of the shapes of x and w."""
        values, by_x, by_w = self.program.jacobian(x, w, return_values=True, **self._of)
        return values, by_x[..., 0, :], by_w[..., 0, :]

    def jvp(self, x: Array, w: Array, dx: Array, dw: Array) -> Array:
        """Compute the derivatives of the values along (dx, dw)."""
        rows, shared = _in_rows(x, dx), w.ndim == 1
        firsts, which = _distinct(rows[0], *([] if shared else [w]))
        by_x, by_w = self.program.jacobian(rows[0][firsts], w if shared else w[firsts], **self._of)
        out = _product(by_x[which], rows[1])
        out += by_w[which] @ dw if shared else _product(by_w[which], dw)
        return out if x.ndim == 2 else out[0]

    def hvp(self, g: Array, x: Array, w: Array, dx: Array, dw: Array) -> tuple[Array, Array]:
        """Compute the derivatives of vjp(g, x, w) along (dx, dw), g held fast."""
        g_rows, x_rows, dx_rows = _in_rows(g, x, dx)
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


class LayerQuantity:
    """The outputs of a layer, with first derivatives. Otherwise as a `Quantity`."""

    of = "outputs"
    has_slopes = False

    def __init__(self, layer: kg.layers.Layer) -> None:
        rows = LayerRows(layer)
        self.layer = layer
        self.n_inputs, self.n_weights, self.n_values = rows.n_inputs, rows.n_weights, rows.n_values
        if not (self.n_inputs or self.n_weights):
            raise ValueError("the layer has neither inputs nor parameters to be a function of")
        self.values, self.vjp, self._jacobian = rows.values, rows.vjp, rows.jacobian
        self.source = (layer, "expval", None)
        self.what = type(layer).__name__
        self.handle = _handle(self.source)

    def __reduce__(self) -> Any:
        return quantity, self.source

    def __deepcopy__(self, memo: Any) -> "LayerQuantity":
        return self

    def jvp(self, x: Array, w: Array, dx: Array, dw: Array) -> Array:
        """Compute the derivatives of the values along (dx, dw)."""
        x_rows, dx_rows = _in_rows(x, dx)
        dw_rows = np.broadcast_to(dw, (len(x_rows), self.n_weights))
        along = np.concatenate([dx_rows, dw_rows], axis=1)
        out = _product(self._jacobian(x_rows, w), along)
        return out if x.ndim == 2 else out[0]

    def slopes(self, x: Array, w: Array) -> tuple[Array, Array, Array]:
        """Refuse, as `has_slopes` says."""
        raise NotImplementedError

    def hvp(self, *_: Array) -> tuple[Array, Array]:
        """Refuse: layers know first derivatives alone."""
        raise NotImplementedError(
            "ketgrad.torch: second derivatives of layers and of programs under noise; there are "
            "first ones, and second ones of programs"
        )


AnyQuantity = Quantity | LayerQuantity

_known: WeakValueDictionary[int, AnyQuantity] = WeakValueDictionary()


def quantity(source: Any, of: str, qubits: Sequence[int] | int | None) -> AnyQuantity:
    """Make the quantity, or return the one there is already; it is known as long as it lives."""
    new: AnyQuantity
    if isinstance(source, kg.Program):
        new = Quantity(source, of, qubits)
    elif (layer := layer_of(source)) is None:
        raise TypeError(f"a Program, Model, layer or NoisyProgram is expected, not {shown(source)}")
    else:
        refuse_options(of, qubits)
        new = LayerQuantity(layer)
    return _known.setdefault(new.handle, new)


def _handle(source: tuple[Any, ...]) -> int:
    """Make a number of a content: an int64, not negative."""
    return int.from_bytes(hashlib.sha256(pickle.dumps(source, protocol=5)).digest()[:7])


def quantity_of(handle: int) -> AnyQuantity:
    """Find a quantity of this process by its handle."""
    try:
        return _known[int(handle)]
    except KeyError:
        raise RuntimeError(
            f"this process has no ketgrad program of handle {int(handle)}: make or load the "
            "ketgrad.torch Layer or function that it belongs to first, and keep it"
        ) from None


def _checked(qubits: Sequence[int] | int, n_qubits: int) -> list[int]:
    given = [qubits] if np.ndim(qubits) == 0 else list(qubits)  # type: ignore[arg-type]
    out = [integer("a qubit", q, 0, n_qubits - 1) for q in given]
    if not out or len(set(out)) < len(out):
        raise ValueError(f"qubits={shown(out)}; it must name one or more, each once")
    return out


def _in_rows(*arrays: Array) -> list[Array]:
    return [np.atleast_2d(a) for a in arrays]


def _product(matrices: Array, vectors: Array) -> Array:
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
