"""The pages of the site: all are reached, their links lead somewhere, all public names are there.

`scripts/docs.sh` builds the site and checks what it has become.
"""

import doctest
import importlib
import inspect
import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROOMS = ("plots", "library", "datasets", "layers", "losses", "mitigation", "mpi", "torch", "jax")
GENERATED = {"tutorials/index"}  # by the gallery
PAGES = {
    path.relative_to(DOCS).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
    for path in (*DOCS.rglob("*.md"), *DOCS.rglob("*.rst"))
    if "tutorials" not in path.parts
}
TUTORIALS = sorted((ROOT / "examples/tutorials").glob("*.py"))


def listed(text: str) -> Iterator[str]:
    """The entries of all tables of contents of a page."""
    for directive in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
        yield from (line for line in directive.split("\n") if line and line[0] != ":")
    for directive in re.findall(r"\.\. toctree::\n((?: .*\n|\n)*)", text):
        yield from (line.strip() for line in directive.split("\n") if line.strip()[:1] not in ":")


def reached(page: str) -> Iterator[str]:
    yield page
    for entry in listed(PAGES.get(page, "")):
        name = re.sub(r".* <(.*)>", r"\1", entry)
        target = (DOCS / page).parent.joinpath(name).resolve().relative_to(DOCS).as_posix()
        yield from reached(target)


def test_every_page_is_in_one_table_of_contents() -> None:
    seen = list(reached("index"))
    assert sorted(seen) == sorted({*PAGES, *GENERATED})


@pytest.mark.parametrize("page", ["../README", "../CONTRIBUTING", "../SECURITY", *PAGES])
def test_links_lead_to_files(page: str) -> None:
    path = next(p for p in (DOCS / f"{page}.md", DOCS / f"{page}.rst") if p.exists())
    gallery = {DOCS / "tutorials" / name for name in ("index", *(t.stem for t in TUTORIALS))}
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)#:\s]+)[)#]", text):
        target = path.parent / link
        assert target.exists() or target.resolve() in gallery, f"{page}: {link}"


def test_the_reference_has_every_public_name() -> None:
    text = "\n".join(text for page, text in PAGES.items() if page.startswith("reference/python"))
    whole = re.findall(r"\.\. names:: (ketgrad\.\w+)\n(?!\n   )", text)
    assert {f"ketgrad.{room}" for room in (*ROOMS, "pennylane", "qiskit", "cirq")} <= set(whole)
    said = re.findall(r"\.\. names:: ketgrad\n\n((?:   .*\n)+)", text)
    names = [name for block in said for name in block.split()]
    assert len(names) == len(set(names))
    module = importlib.import_module("ketgrad")
    rooms = {name for name in module.__all__ if inspect.ismodule(getattr(module, name))}
    assert sorted(names) == sorted({*module.__all__} - rooms - {"__version__"})


@pytest.mark.parametrize("page", ["reference/errors", "reference/gates"])
def test_sessions_of_the_reference_run(page: str) -> None:
    test = doctest.DocTestParser().get_doctest(PAGES[page], {}, page, None, None)
    assert test.examples
    complaints: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(
        test, out=complaints.append
    )
    assert result.failed == 0, "".join(complaints)


def test_there_are_tutorials() -> None:
    assert len(TUTORIALS) >= 10


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.stem)
def test_tutorial(tutorial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown: list[int] = []
    monkeypatch.setattr(plt, "show", lambda: shown.extend(plt.get_fignums()))
    try:
        runpy.run_path(str(tutorial))
        assert shown, "it ends with a picture"
    finally:
        plt.close("all")


def test_the_citation_is_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"version: {version}\n" in (ROOT / "CITATION.cff").read_text()
