"""Documentation that estimators share."""

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

Estimator = TypeVar("Estimator", bound=type)


def documented(**parts: str) -> Callable[[Estimator], Estimator]:
    """Make what an estimator inherits its own: parts of the docstring, the constructor's name."""

    def decorate(cls: Estimator) -> Estimator:
        doc = cls.__doc__ or ""
        for name, text in parts.items():
            doc = doc.replace(f"\n    {{{name}}}", text)
        cls.__doc__ = doc
        if "__init__" not in vars(cls):  # an unexpected argument is reported by the function's name
            cls.__init__ = _renamed(cls.__init__, f"{cls.__name__}.__init__")  # type: ignore[misc]
        return cls

    return decorate


def _renamed(function: Any, qualified_name: str) -> Any:
    out = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    out.__kwdefaults__, out.__annotations__ = function.__kwdefaults__, function.__annotations__
    out.__qualname__ = qualified_name
    return out
