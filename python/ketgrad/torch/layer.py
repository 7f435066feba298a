"""Programs and models as layers of PyTorch."""

import json
import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

import ketgrad as kg
from ketgrad._core import _real_array
from ketgrad._words import shown, traced
from ketgrad.torch.documentation import document
from ketgrad.torch.function import DTYPES, Function, Source
from ketgrad.torch.quantity import AnyQuantity, LayerQuantity


@document
class Layer(nn.Module):
    """A program, a model or layers as an `nn.Module` whose parameters are the weights.

    It is called with inputs of shape (..., n_inputs), or with nothing where the program has none,
    and returns values of shape (..., n_values). Everything that is said of `Function` holds.

    Its parameter `weights`, shape (n_weights,), has the weights in the order of
    ``program.weights``; ``program.by_name(layer.weights.detach())`` has them by name. A model has
    `scale` and `bias`, shape (n_outputs,), as well: its outputs are scale * values + bias, and the
    three in this order, one behind the other, are its ``Model.parameters``. Layers, a model of
    layers and a program under noise have all their parameters in `weights`, in the order of
    ``ketgrad.layers.Layer.parameter_names``.

    Parameters
    ----------
    {program}
        The weights of a model are copied; others have none yet.
    weights : array-like of shape (n_weights,) or dict, default=None
        What the weights are at first, in order or, of programs, by name. None draws those of a
        program uniformly from [-pi, pi) by PyTorch's generator, so by ``torch.manual_seed``, those
        of layers by ``Layer.initialize`` with a seed from there, and takes a model's own.
    of : {of}
    qubits : {qubits}
    dtype : torch.dtype, default=None
        Of the parameters: float32 or float64; None for ``torch.get_default_dtype()``.

    Raises
    ------
    {not_a_function}

    Examples
    --------
    >>> import torch
    >>> import ketgrad as kg
    >>> from ketgrad.torch import Layer
    >>> x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
    >>> circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
    >>> layer = Layer(kg.compile(circuit, ["ZI", "IZ"], inputs=x), weights={"w": [0.1, 0.2]})
    >>> layer
    Layer(2 qubits, inputs=2, weights=2, outputs=2 expval)
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 2), layer, torch.nn.Linear(2, 1))
    >>> model(torch.zeros(8, 3)).shape
    torch.Size([8, 1])

    """

    weights: nn.Parameter | None
    scale: nn.Parameter | None
    bias: nn.Parameter | None

    def __init__(
        self,
        program: Source,
        *,
        weights: npt.ArrayLike | dict[Any, Any] | None = None,
        of: str = "expval",
        qubits: Sequence[int] | int | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        dtype = torch.get_default_dtype() if dtype is None else dtype
        if dtype not in DTYPES:
            raise ValueError(f"dtype={dtype}; it must be 'torch.float32' or 'torch.float64'")
        scale, bias = None, None
        if isinstance(program, kg.Model):
            if of != "expval":
                raise ValueError(f"of={shown(of)}; a model has 'expval' alone")
            program, own, scale, bias = _parts(program)
            weights = own if weights is None else weights
        self.function = Function(program, of=of, qubits=qubits)
        self._takes_inputs = self.function.quantity.n_inputs > 0

        def parameter(values: Any) -> nn.Parameter | None:
            return None if values is None else nn.Parameter(torch.tensor(values, dtype=dtype))

        n_weights = self.function.quantity.n_weights
        given = None if weights is None else _first_weights(self.function.quantity, weights)
        blank = np.empty(n_weights) if n_weights else None
        self.weights = parameter(blank if given is None else given)
        self.scale, self.bias = parameter(scale), parameter(bias)
        self._is_scaled = scale is not None
        if given is None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew, as at first; scales become 1 and biases 0."""
        quantity = self.function.quantity
        if self.weights is not None and isinstance(quantity, LayerQuantity):
            seed = int(torch.randint(2**62, ()))
            with torch.no_grad():
                self.weights.copy_(torch.from_numpy(quantity.layer.initialize(seed=seed)))
        elif self.weights is not None:
            nn.init.uniform_(self.weights, -math.pi, math.pi)
        if self.scale is not None and self.bias is not None:
            nn.init.ones_(self.scale)
            nn.init.zeros_(self.bias)

    def forward(self, inputs: Tensor | None = None) -> Tensor:
        """Compute the values of a batch, or without inputs those of the weights alone.

        Parameters
        ----------
        inputs : Tensor of shape (..., n_inputs), default=None
            A batch of any axes; None where the program has no inputs.

        Returns
        -------
        values : Tensor of shape (..., n_values)

        Raises
        ------
        TypeError, ValueError
            As of `Function`.

        """
        if (inputs is None) == self._takes_inputs:
            n = self.function.quantity.n_inputs
            wanted = f"inputs of shape (..., {n}); none" if n else "no inputs; some"
            raise TypeError(f"the layer takes {wanted} came")
        out = self.function(*[t for t in (inputs, self.weights) if t is not None])
        if not self._is_scaled:
            return out
        return torch.addcmul(cast(Tensor, self.bias), cast(Tensor, self.scale), out)

    def extra_repr(self) -> str:
        """Describe what it takes and returns."""
        quantity = self.function.quantity
        return (
            f"{quantity.what}, inputs={quantity.n_inputs}, "
            f"weights={quantity.n_weights}, outputs={quantity.n_values} {quantity.of}"
        )


def _parts(model: kg.Model) -> tuple[Any, Any, Any, Any]:
    """Take a model apart: its program, weights, scales and biases, or its layer and parameters."""
    source = json.loads(model.to_json())
    if "circuit" not in source:
        return model.layer, model.parameters, None, None
    keys = ("circuit", "observables", "inputs", "weights", "precision")
    header = {"format": "ketgrad.program", "version": 1}
    program = kg.Program.from_json(json.dumps(header | {key: source[key] for key in keys}))
    ends = np.cumsum([len(program.weights), model.n_outputs])
    weights, scale, bias = np.split(model.parameters, ends)
    return program, weights, scale, bias


def _first_weights(quantity: AnyQuantity, weights: Any) -> npt.NDArray[np.float64] | None:
    """Read weights as one row in order; None for no weights."""
    if isinstance(weights, Tensor) and traced(weights):
        raise ValueError(
            "weights are first values, which are copied: a tensor that requires_grad would lose "
            "its graph, and one with a tangent that; give weights.detach()"
        )
    if isinstance(quantity, LayerQuantity):
        out, names = _vector(quantity.n_weights, weights), quantity.layer.parameter_names
    else:
        out, names = _in_order(quantity.program, weights), quantity.program.weights
    for name, value in zip(names, out, strict=True):
        if not math.isfinite(value):
            raise ValueError(f"weights: '{name}' is {value}; it must be finite")
    return out if len(out) > 0 else None


def _vector(size: int, weights: Any) -> npt.NDArray[np.float64]:
    """Read the weights of a layer."""
    if isinstance(weights, dict):
        raise TypeError(f"weights of a layer are an array of shape ({size},), not {shown(weights)}")
    out = _real_array(weights, "weights")
    if out.shape != (size,):
        raise ValueError(f"weights must have shape ({size},), got {out.shape}")
    return out


def _in_order(program: kg.Program, weights: Any) -> npt.NDArray[np.float64]:
    """Read the weights of a program, in order or by name."""
    named, places = program.by_name(weights), program.by_name(np.arange(len(program.weights)))
    if not named:
        return np.empty(0)
    values, where = (
        np.concatenate([np.atleast_1d(found[name]) for name in named]) for found in (named, places)
    )
    out = np.empty(len(values))
    out[where.astype(int)] = values
    return out
