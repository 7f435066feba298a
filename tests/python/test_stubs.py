"""The package says what its types are."""

import ast
from pathlib import Path

import ketgrad as kg

INSTALLED = Path(kg.__file__).parent


def test_the_package_says_that_it_is_typed() -> None:
    assert (INSTALLED / "py.typed").exists()


def test_the_stub_has_all_that_is_bound() -> None:
    tree = ast.parse((INSTALLED / "_core.pyi").read_text())
    stub = {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    bound = {
        name
        for name, thing in vars(kg._core).items()
        if callable(thing) and not name.startswith("__")
    }
    assert bound - stub == set()


def test_the_stub_is_made_without_other_packages() -> None:
    """The one of quickstart is made where little else is installed."""
    stub = (INSTALLED / "_core.pyi").read_text(encoding="utf-8")
    assert "typing_extensions" not in stub
