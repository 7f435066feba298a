"""The rule of `torch.func.vmap` for the operators: the mapped axis joins their rows."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

VmapRule = Callable[..., tuple[Any, Any]]


def by_rows(apply: Callable[..., Any], takes: str, gives: str, *, sums: bool) -> VmapRule:
    """Make the rule of an operator.

    `takes` and `gives` have a letter a tensor: r for one with a vector a row (or one vector, where
    there are no rows), w for one of weights (or of their directions and derivatives). An operator
    that `sums` gives derivatives by weights that rows share as sums over the rows.
    """

    def rule(info: Any, in_dims: tuple[int | None, ...], *args: Any) -> tuple[Any, Any]:
        *tensors, handle = args
        dims = in_dims[: len(tensors)]
        size = info.batch_size
        mapped = [
            tensor.expand(size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
            for tensor, dim in zip(tensors, dims, strict=True)
        ]
        has_rows = mapped[takes.index("r")].ndim == 3
        common = mapped[takes.index("w")].ndim == 2  # weights, for all rows
        fixed = all(dim is None for letter, dim in zip(takes, dims, strict=True) if letter == "w")

        def folded(letter: str, plain: Tensor, tensor: Tensor) -> Tensor:
            if letter == "w" and common:
                if fixed and not sums:
                    return plain
                if has_rows:
                    tensor = tensor.unsqueeze(1).expand(-1, n_rows, -1)
            return tensor.flatten(0, 1) if has_rows else tensor

        def unfolded(letter: str, tensor: Tensor) -> Tensor:
            if not has_rows:
                return tensor
            out = tensor.reshape(size, n_rows, tensor.shape[-1])
            return out.sum(1) if letter == "w" and common else out

        n_rows = mapped[takes.index("r")].shape[1]
        found = apply(*map(folded, takes, tensors, mapped), handle)
        if len(gives) == 1:
            return unfolded(gives, found), 0
        return tuple(map(unfolded, gives, found)), (0,) * len(gives)

    return rule
