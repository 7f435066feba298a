"""What is computed of a program and differentiated, on NumPy's arrays; known by a number.

Arrays are those of `ketgrad._program_rows`.
"""

import hashlib
import pickle
from collections.abc import Sequence
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

import ketgrad as kg
from ketgrad._core import _qubits
from ketgrad._layer_rows import LayerRows, layer_of, refuse_options
from ketgrad._numbers import integer
from ketgrad._program_rows import ProgramRows, in_rows, product
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
        rows = ProgramRows(program, of, self.qubits)
        self.n_inputs, self.n_weights, self.n_values = rows.n_inputs, rows.n_weights, rows.n_values
        self.values, self.vjp, self.slopes = rows.values, rows.vjp, rows.slopes
        self.jvp, self.hvp = rows.jvp, rows.hvp
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


class LayerQuantity:
    """The outputs of a layer. Otherwise as a `Quantity`."""

    of = "outputs"
    has_slopes = False

    def __init__(self, layer: kg.layers.Layer) -> None:
        rows = LayerRows(layer)
        self.layer = layer
        self.n_inputs, self.n_weights, self.n_values = rows.n_inputs, rows.n_weights, rows.n_values
        if not (self.n_inputs or self.n_weights):
            raise ValueError("the layer has neither inputs nor parameters to be a function of")
        self.values, self.vjp, self.hvp = rows.values, rows.vjp, rows.hvp
        self._jacobian = rows.jacobian
        self.source = (layer, "expval", None)
        self.what = type(layer).__name__
        self.handle = _handle(self.source)

    def __reduce__(self) -> Any:
        return quantity, self.source

    def __deepcopy__(self, memo: Any) -> "LayerQuantity":
        return self

    def jvp(self, x: Array, w: Array, dx: Array, dw: Array) -> Array:
        """Compute the derivatives of the values along (dx, dw)."""
        x_rows, dx_rows = in_rows(x, dx)
        dw_rows = np.broadcast_to(dw, (len(x_rows), self.n_weights))
        along = np.concatenate([dx_rows, dw_rows], axis=1)
        out = product(self._jacobian(x_rows, w), along)
        return out if x.ndim == 2 else out[0]

    def slopes(self, x: Array, w: Array) -> tuple[Array, Array, Array]:
        """Refuse, as `has_slopes` says."""
        raise NotImplementedError


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
    out = [integer("a qubit", q, 0, n_qubits - 1) for q in _qubits(qubits)]
    if not out or len(set(out)) < len(out):
        raise ValueError(f"qubits={shown(out)}; it must name one or more, each once")
    return out
