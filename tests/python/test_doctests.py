"""The example in every public docstring runs and prints what it says."""

import doctest
import inspect
import re
import types
from collections.abc import Iterator
from typing import Any

import pytest

import ketgrad as kg
import ketgrad.jax
import ketgrad.mpi
import ketgrad.torch
from ketgrad import _core

FLAGS = doctest.NORMALIZE_WHITESPACE


def public_names(module: types.ModuleType) -> list[str]:
    return getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]


def members(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """The thing itself and, of a class, its own public methods and properties."""
    yield name, thing
    if inspect.isclass(thing):
        parameters = getattr(thing, "__dataclass_fields__", {})  # defaults, which have no docstring
        for key in vars(thing):
            if not key.startswith("_") and key not in parameters:
                yield f"{name}.{key}", getattr(thing, key)


def documented() -> Iterator[tuple[str, Any]]:
    rooms = (
        *(kg, kg.plots, kg.library, kg.datasets, kg.layers, kg.losses, kg.mitigation),
        *(kg.torch, kg.jax, kg.mpi),
    )
    for module in rooms:
        yield module.__name__, module
    for module in (*rooms, _core):
        for key in sorted(public_names(module)):
            thing = getattr(module, key)
            ours = str(getattr(thing, "__module__", "")).startswith("ketgrad")
            shown_before = module is _core and any(hasattr(room, key) for room in rooms)
            if ours and not shown_before:
                yield from members(f"{module.__name__}.{key}", thing)


def python_callables() -> Iterator[tuple[str, Any]]:
    """The public functions and classes that are written in Python, and all methods of these."""
    for name, thing in documented():
        if inspect.isfunction(thing) or getattr(thing, "__dataclass_params__", None):
            yield name, thing
        if inspect.isclass(thing):
            for key, method in inspect.getmembers(thing, inspect.isfunction):
                if method.__module__.startswith("ketgrad") and not key.startswith("_"):
                    yield f"{name}.{key}", method


def examples() -> Iterator[Any]:
    parser = doctest.DocTestParser()
    for name, thing in documented():
        text = inspect.getdoc(thing) or ""
        # `Circuit(1)` as inside the module, `kg.Circuit(1)` as a user writes it.
        rooms = (kg.datasets, kg.layers, kg.losses, kg.mitigation, kg)
        known = {name: thing for room in rooms for name, thing in vars(room).items()} | {"kg": kg}
        test = parser.get_doctest(text, known, name, None, None)
        if test.examples:
            yield pytest.param(test, id=name)


@pytest.mark.parametrize("test", list(examples()))
def test_docstring(test: doctest.DocTest) -> None:
    complaints: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=complaints.append)
    assert result.failed == 0, "".join(complaints)


@pytest.mark.parametrize(("name", "thing"), [pytest.param(n, t, id=n) for n, t in documented()])
def test_everything_public_is_documented(name: str, thing: Any) -> None:
    text = inspect.getdoc(thing) or ""
    prose = [line for line in text.splitlines() if not line.startswith(name.split(".")[-1] + "(")]
    assert any(line.strip() for line in prose), f"{name} has no docstring"


def test_every_parameter_is_documented() -> None:
    for name, thing in python_callables():
        text = inspect.getdoc(thing) or ""
        assert not re.search(r"\{\w+\}$", text, re.MULTILINE), f"{name} lacks a shared part"
        _, section, rest = text.partition("Parameters\n----------\n")
        parameters = re.split(r"^\w+\n---", rest, flags=re.MULTILINE)[0]
        heads = re.findall(r"^(\w.*) : ", parameters, re.MULTILINE)
        said = {argument for head in heads for argument in head.split(", ")}
        wanted = set(inspect.signature(thing).parameters) - {"self"}
        assert not section or said == wanted, f"{name} documents {said}, but takes {wanted}"
