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


ROOMS = (kg, kg.datasets, kg.layers, kg.library, kg.losses, kg.mitigation, kg.plots)


def methods(cls: type) -> Iterator[tuple[str, Any]]:
    """List the public methods of a class, those of its bases in the package among them."""
    for base in cls.__mro__:
        if base.__module__.startswith("ketgrad"):
            for name, value in vars(base).items():
                bound = base.__module__ == "ketgrad._core"
                public = bound or name == "__init__" or not name.startswith("_")
                if public and (callable(value) or isinstance(value, staticmethod | classmethod)):
                    yield name, getattr(cls, name)


def functions() -> Iterator[tuple[str, Any]]:
    for room in ROOMS:
        for name in room.__all__:
            thing = getattr(room, name)
            if inspect.isclass(thing):
                yield from ((f"{name}.{method}", value) for method, value in methods(thing))
            elif inspect.isroutine(thing):
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
        if not inspect.isfunction(inspect.unwrap(ALL[name])):  # of Python's own all is one line
            assert max(map(len, signature.splitlines())) <= WIDEST, signature
        assert not TYPES.search(signature), signature


def test_signatures_say_what_people_write() -> None:
    assert "theta: float | Parameter | Expression" in kg.Circuit.pauli_rotation.__doc__
    assert "matrix: ArrayLike" in kg.Circuit.unitary.__doc__
    assert "observables: Observable | Iterable[Observable] = ()" in kg.compile.__doc__
    assert "-> Program\n\nCompile a circuit" in kg.compile.__doc__
    assert len(ALL) > 400


def test_signatures_of_python_say_the_same() -> None:
    text = str(inspect.signature(kg.minimize))
    assert "weights: Any" in text
    assert "coefficients: ArrayLike | None = None" in text
    assert "inputs: ArrayLike | None = None" in str(inspect.signature(kg.fisher_information))
    assert "-> NDArray[float64]" in str(inspect.signature(kg.fidelity_kernel))
    names = list(inspect.signature(kg.cma_es).parameters)  # which are what they were
    assert names[:2] == ["loss", "start"]


# Each takes an array alone: a dict of names is refused.
@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("Model.outputs", "inputs"),
        ("Model.loss", "inputs"),
        ("Model.loss_and_gradient", "inputs"),
        ("Trainer.fit", "inputs"),
        ("Trainer.resume", "inputs"),
        ("Trainer.is_fit_of", "inputs"),
        ("Trainer.step_epoch", "inputs"),
        ("Trainer.find_learning_rate", "inputs"),
        ("Layer.forward", "inputs"),
        ("Layer.vjp", "inputs"),
        ("Layer.value_and_vjp", "inputs"),
        ("maxcut", "weights"),
    ],
)
def test_dicts_are_promised_only_where_they_are_taken(name: str, argument: str) -> None:
    text = " ".join(" ".join(signatures(ALL[name])).split())
    assert re.search(rf"\b{argument}: ArrayLike(?! \| dict)", text), text


def test_dicts_are_promised_where_they_are_taken() -> None:
    for name in ("Program.expval", "Program.vjp", "NoisyProgram.expval"):
        text = " ".join(" ".join(signatures(ALL[name])).split())
        assert "inputs: ArrayLike | dict" in text
        assert "weights: ArrayLike | dict" in text
