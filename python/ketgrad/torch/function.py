"""Quantities as functions of tensors."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

import ketgrad as kg
from ketgrad._words import shown
from ketgrad.torch import operators
from ketgrad.torch.documentation import document
from ketgrad.torch.quantity import quantity

DTYPES = (torch.float32, torch.float64)

Source = kg.Program | kg.Model | kg.layers.Layer | kg.NoisyProgram


@document
class Function:
    """A program, or a layer, as a function of tensors: `f(inputs, weights)`.

    It takes those of the two that the program has, so `f(weights)` where there are no inputs, with
    shapes (..., n_inputs) and (..., n_weights). The axes in front are those of a batch: they
    broadcast, and weights of shape (n_weights,) serve all samples. Values have the shape
    (..., n_values) and the wider of the dtypes, float32 or float64; the program runs in its own
    precision all the same. Tensors of float64 are read and returned without a copy.

    Derivatives are exact: `backward` and `torch.func` (grad, vmap, jvp, jacrev, jacfwd, hessian) up
    to the second order, by inputs and weights. `torch.compile` takes it without a graph break; as
    everywhere in PyTorch, what is compiled can be differentiated once. It pickles.

    Of a layer, a model or a program under noise the values are the outputs and the weights all
    parameters; first derivatives are fastest backwards and where samples share the weights.
    `NoisyLayer`, `RecurrentCircuit` and circuits by shots have no second ones, and raise
    NotImplementedError.

    Parameters
    ----------
    {program}
    of : {of}
    qubits : {qubits}

    Raises
    ------
    {not_a_function}

    Examples
    --------
    >>> import torch
    >>> import ketgrad as kg
    >>> from ketgrad.torch import function
    >>> x, w = kg.Parameter("x"), kg.Parameter("w")
    >>> program = kg.compile(kg.Circuit(1).ry(x + w, 0), "Z", inputs=x)
    >>> f = function(program)
    >>> inputs, weights = torch.zeros(5, 1), torch.zeros(1)
    >>> f(inputs, weights).shape
    torch.Size([5, 1])
    >>> torch.func.hessian(f, argnums=1)(inputs[0], weights)  # <Z> = cos(x + w)
    tensor([[[-1.]]])

    """

    def __init__(
        self,
        program: Source,
        *,
        of: str = "expval",
        qubits: Sequence[int] | int | None = None,
    ) -> None:
        self.quantity = quantity(program, of, qubits)
        # Plain numbers, which PyTorch may read while it compiles.
        self._handle = self.quantity.handle
        self._sizes = {
            name: size
            for name, size in (
                ("inputs", self.quantity.n_inputs),
                ("weights", self.quantity.n_weights),
            )
            if size
        }

    def __call__(self, *tensors: Tensor) -> Tensor:
        """Compute the values; arguments as above.

        Raises TypeError for another number of tensors, other things and other dtypes; ValueError
        for tensors elsewhere than on the processor, shapes that do not fit, and values that are not
        finite.
        """
        x, w = self._arguments(tensors)
        if x.ndim > 2 or w.ndim > 1:
            return self._of_batch(x, w)
        out: Tensor = operators.values(x, w, self._handle)
        return out

    def _arguments(self, tensors: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Check the tensors; inputs or weights that there are none of have no columns."""
        if len(tensors) != len(self._sizes):
            raise TypeError(
                f"the function takes {' and '.join(self._sizes)}; got {len(tensors)} argument(s)"
            )
        for (name, size), tensor in zip(self._sizes.items(), tensors, strict=True):
            _check(name, tensor, size)
        if len(tensors) == 2:
            return tensors[0], tensors[1]
        (given,) = tensors
        if "inputs" in self._sizes:
            return given, given.new_empty(0)
        return given.new_empty((*given.shape[:-1], 0)), given

    def _of_batch(self, x: Tensor, w: Tensor) -> Tensor:
        """Compute the values of a batch of any axes, as rows."""
        batch = _broadcast(x.shape[:-1], w.shape[:-1])
        x = x.expand(*batch, x.shape[-1]).flatten(0, -2)
        if w.ndim > 1:
            w = w.expand(*batch, w.shape[-1]).flatten(0, -2)
        out: Tensor = operators.values(x, w, self._handle)
        return out.reshape(*batch, out.shape[-1])

    def __reduce__(self) -> Any:
        return _again, self.quantity.source

    def __repr__(self) -> str:
        takes = ", ".join(f"{size} {name}" for name, size in self._sizes.items())
        return f"<ketgrad.torch.Function: {takes} -> {self.quantity.n_values} {self.quantity.of}>"


def _again(program: Source, of: str, qubits: list[int] | None) -> Function:
    return Function(program, of=of, qubits=qubits)


@document
def function(
    program: Source, *, of: str = "expval", qubits: Sequence[int] | int | None = None
) -> Function:
    """Make a function of tensors of a program: `f(inputs, weights)`, or `f(weights)`.

    Parameters
    ----------
    {program}
    of : {of}
    qubits : {qubits}

    Returns
    -------
    f : Function
        Which says what it takes and what can be done with it.

    Raises
    ------
    {not_a_function}

    Examples
    --------
    >>> import torch
    >>> import ketgrad as kg
    >>> from ketgrad.torch import function
    >>> f = function(kg.compile(kg.Circuit(2).ry(kg.Parameter("a"), 0).cx(0, 1)), of="probs")
    >>> f(torch.tensor([0.0]))
    tensor([1., 0., 0., 0.])

    """
    return Function(program, of=of, qubits=qubits)


def _check(name: str, tensor: Tensor, size: int) -> None:
    if not isinstance(tensor, Tensor):
        given = " ".join(shown(tensor).split())  # an array has lines
        raise TypeError(f"{name} must be tensors, not {given}")
    if tensor.is_nested:
        raise TypeError(f"{name} must not be nested tensors, which have no one shape; pad them")
    if tensor.dtype not in DTYPES:
        raise TypeError(
            f"{name} are of '{tensor.dtype}'; they must be of 'torch.float32' or 'torch.float64'"
        )
    if tensor.device.type != "cpu":
        raise ValueError(f"{name} are on the device '{tensor.device}'; they must be on 'cpu'")
    if tensor.layout != torch.strided:
        raise ValueError(f"{name} are '{tensor.layout}'; they must be 'torch.strided'")
    if tensor.ndim == 0 or tensor.shape[-1] != size:
        raise ValueError(f"{name} must have shape (..., {size}), got {tuple(tensor.shape)}")


def _broadcast(inputs: torch.Size, weights: torch.Size) -> torch.Size:
    pairs = zip(reversed(inputs), reversed(weights), strict=False)
    if any(a != b and a != 1 and b != 1 for a, b in pairs):
        raise ValueError(
            f"inputs have batch axes {tuple(inputs)} and weights {tuple(weights)}, "
            "which do not broadcast"
        )
    out: torch.Size = torch.broadcast_shapes(inputs, weights)
    return out
