"""The examples of docstrings and of the page run."""

import doctest
import importlib
import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "pennylane.md"


def test_docstrings():
    found = doctest.testmod(importlib.import_module("ketgrad.pennylane.device"))
    assert found.attempted > 0
    assert found.failed == 0


def test_page():
    names = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(block, names)
    assert names["slope"].shape == (3, 4, 3)
