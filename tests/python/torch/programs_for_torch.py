"""Programs, and points to try them at."""

import torch
from torch import Tensor

import ketgrad as kg

X, W = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)
CIRCUIT = (
    kg.Circuit(2)
    .ry(X[0], 0)
    .ry(X[1], 1)
    .rx(W[0], 0)
    .cx(0, 1)
    .ry(W[1] * X[0], 1)  # of both kinds
    .rz(W[2], 0)
    .cx(1, 0)
    .rx(W[0], 1)  # shared
)
PROGRAM = kg.compile(CIRCUIT, ["ZI", {"XX": 0.5, "ZZ": -1.0}], inputs=X)
WITHOUT_INPUTS = kg.compile(
    kg.Circuit(2).rx(W[0], 0).ry(W[1], 1).cx(0, 1).rz(W[2], 1), ["IZ", "XX"]
)
WITHOUT_WEIGHTS = kg.compile(kg.Circuit(2).rx(X[0], 0).ry(X[1], 1).cx(0, 1), "ZZ", inputs=X)


def point(*sizes: tuple[int, ...], dtype: torch.dtype = torch.double) -> list[Tensor]:
    """Tensors of these shapes that require gradients, the same every time."""
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(s, dtype=dtype, generator=generator).requires_grad_() for s in sizes]
