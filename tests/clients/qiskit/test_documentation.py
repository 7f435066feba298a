"""The examples of docstrings, and of the page, run."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import ketgrad.qiskit

MODULES = [
    importlib.import_module(f"ketgrad.qiskit.{found.name}")
    for found in pkgutil.iter_modules(ketgrad.qiskit.__path__)
]
PAGE = Path(__file__).parents[3] / "docs" / "qiskit.md"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_docstrings(module):
    found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.failed == 0


@pytest.mark.parametrize("name", ketgrad.qiskit.__all__)
def test_parameters_are_documented(name):
    thing = getattr(ketgrad.qiskit, name)
    text = inspect.getdoc(thing) or ""
    assert ">>> " in text
    heads = re.findall(r"^(\w.*) : ", text.partition("Returns\n---")[0], re.MULTILINE)
    said = {argument for head in heads for argument in head.split(", ")}
    assert said == set(inspect.signature(thing).parameters)


def test_the_page():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(code, names)
    assert names["values"].shape == (100, 1)
    assert names["slopes"].shape == (100, 1, 24)
