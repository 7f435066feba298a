"""What help() says of a function is short enough to read."""

import inspect
import pydoc
import re
from collections.abc import Iterator
from typing import Any

import pytest

import ketgrad as kg

WIDEST = 100
TYPES = re.compile(r"SupportsI|ketgrad\._core|collections\.abc|typing\.|Annotated|numpy\.")


def functions() -> Iterator[tuple[str, Any]]:
    for module in (kg, kg.library):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) and thing.__module__ == "ketgrad._core":
                for method, value in vars(thing).items():
                    if callable(value) or isinstance(value, staticmethod):
                        yield f"{name}.{method}", getattr(thing, method)
            elif inspect.isbuiltin(thing):
                yield name, thing


ALL = dict(functions())


def signatures(function: Any) -> list[str]:
    """Return the lines of help() up to what the docstring says, of each overload."""
    text = pydoc.plain(pydoc.render_doc(function))
    name = re.escape(function.__name__)
    return re.findall(rf"^ *(?:\d+\. )?{name}\([^.].*?(?=\n *\n|\Z)", text, re.M | re.S)


@pytest.mark.parametrize("name", ALL)
def test_signatures_are_short(name: str) -> None:
    for signature in signatures(ALL[name]):
        assert max(map(len, signature.splitlines())) <= WIDEST, signature
        assert not TYPES.search(signature), signature


def test_signatures_say_what_people_write() -> None:
    assert "theta: float | Parameter | Expression" in kg.Circuit.pauli_rotation.__doc__
    assert "matrix: ArrayLike" in kg.Circuit.unitary.__doc__
    assert "observables: Observable | Iterable[Observable] = ()" in kg.compile.__doc__
    assert "-> Program\n\nCompile a circuit" in kg.compile.__doc__
    assert len(ALL) > 300
