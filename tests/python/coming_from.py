"""The tables of docs/coming_from: what is written in either column."""

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "coming_from"
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem != "index")


def sentences(page: str, whose: str) -> list[tuple[str, str]]:
    """The code of a column, "theirs" or "ours", by what it does; what comes first is "setup"."""
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    fence = "```python theirs\n" if whose == "theirs" else "```python\n"
    found = [("setup", text.split(fence)[1].split("```")[0])]
    for row in re.findall(r"^\| (.*) \|$", text, re.MULTILINE)[1:]:
        what, theirs, ours = row.split(" | ")
        code = theirs if whose == "theirs" else ours
        assert code.startswith("`"), row
        assert code.endswith("`"), row
        found.append((what, code.strip("`")))
    return found


def run(page: str, whose: str) -> dict[str, Any]:
    """Run a column from top to bottom, and return the names it has made."""
    names: dict[str, Any] = {}
    for what, code in sentences(page, whose):
        try:
            exec(code, names)
        except Exception as error:
            raise AssertionError(f"{page}, {what}: {code}: {error!r}") from error
    return names


def value(code: str, names: dict[str, Any]) -> Any:
    """Run a sentence; its last expression is its value."""
    *before, last = ast.parse(code).body
    exec(compile(ast.Module(before, []), "sentence", "exec"), names)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), "sentence", "exec"), names)
        return None
    return eval(compile(ast.Expression(last.value), "sentence", "eval"), names)


def same_values(page: str, wanted: list[str]) -> None:
    """Run both columns side by side, and compare the values of some rows."""
    theirs: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    compared = []
    for (what, other), (_, own) in zip(
        sentences(page, "theirs"), sentences(page, "ours"), strict=True
    ):
        a, b = value(other, theirs), value(own, ours)
        if what in wanted:
            compared.append(what)
            np.testing.assert_allclose(
                np.asarray(a).squeeze(), np.asarray(b).squeeze(), atol=1e-6, err_msg=what
            )
    assert compared == wanted
