"""The public estimators by name, and the documentation that they share."""

from collections.abc import Callable
from typing import Any, TypeVar

Estimator = TypeVar("Estimator", bound=type)

# Every public estimator that has been imported.
ESTIMATORS: dict[str, Any] = {}


def publisher(**parts: str) -> Callable[[Estimator], Estimator]:
    """Make a decorator of classes that fills parts into the docstring and registers the name."""

    def publish(cls: Estimator) -> Estimator:
        doc = cls.__doc__ or ""
        for name, text in parts.items():
            doc = doc.replace(f"\n    {{{name}}}", text)
        cls.__doc__ = doc
        ESTIMATORS[cls.__name__] = cls
        return cls

    return publish
