"""Programs as layers and functions of PyTorch, with exact first and second derivatives.

`Layer` is an `nn.Module`; `function` is the function under it. Needs the extra `ketgrad[torch]`.

>>> import torch
>>> import ketgrad as kg
>>> from ketgrad.torch import Layer
>>> x, w = kg.Parameter("x"), kg.Parameter("w")
>>> program = kg.compile(kg.Circuit(1).ry(x, 0).ry(w, 0), "Z", inputs=x)
>>> layer = Layer(program, weights=[0.25], dtype=torch.double)
>>> layer(torch.tensor([[0.25], [0.75]], dtype=torch.double)).detach().numpy().round(6)
array([[0.877583],
       [0.540302]])
"""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    message = f"ketgrad.torch needs {error.name}: pip install 'ketgrad[torch]'"
    raise ImportError(message) from error

from ketgrad.torch.function import Function, function
from ketgrad.torch.layer import Layer

__all__ = ["Function", "Layer", "function"]
