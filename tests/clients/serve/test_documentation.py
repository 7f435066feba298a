"""The examples of docstrings and of the page run."""

import doctest
import importlib
import json
import re
from pathlib import Path

import pytest

import ketgrad as kg

PAGE = (Path(__file__).parents[3] / "docs" / "serve.md").read_text()


@pytest.mark.parametrize("name", ["metrics", "refusal", "rows"])
def test_docstrings(name):
    found = doctest.testmod(importlib.import_module(f"ketgrad.serve.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_page(flowers, models, iris):
    names = {}
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(block, names)
    rows = iris[0].iloc[:5].to_numpy().tolist()
    found = names["predict"](f"http://127.0.0.1:{flowers.port}", rows)
    assert found == kg.load(models / "flowers.json").predict(iris[0].iloc[:5]).tolist()


def test_the_page_names_all_paths_and_statuses(flowers):
    document = json.loads(flowers.ask("GET", "/openapi.json")[2])
    for path, operations in document["paths"].items():
        assert f"{path}`" in PAGE
        for operation in operations.values():
            assert all(status in PAGE for status in operation["responses"] if status != "200")
