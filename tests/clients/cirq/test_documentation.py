"""The examples of docstrings and of the page run."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "cirq.md"


@pytest.mark.parametrize("name", ["observables", "reading", "simulator", "writing"])
def test_docstrings(name):
    found = doctest.testmod(importlib.import_module(f"ketgrad.cirq.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_page():
    names = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(block, names)
    assert len(names["values"]) == 50
    assert names["gradient"].shape == (1,)
