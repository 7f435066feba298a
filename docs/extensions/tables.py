"""Directives for what is read from the project itself.

`gates` and `channels` are tables of the methods of Circuit and Channel, `commands` is what the
command line says of itself, `peers` what benchmarks measured beside other simulators (of
docs/training.json or wide.json), and `headers` the public headers of some folders, as Doxygen read
them.
"""

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from doxygen import public_headers
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import ketgrad
from plain_docstrings import head_and_body, rendered

ROOT = Path(__file__).resolve().parents[2]
_ARGUMENT = re.compile(r"(\w+):")


class Generated(SphinxDirective):
    """Has the reStructuredText that `lines` writes."""

    def run(self) -> list[nodes.Node]:
        """Read it."""
        return self.parse_text_to_nodes("\n".join(self.lines()), allow_section_headings=True)

    def lines(self) -> Iterator[str]:
        """Write it."""
        raise NotImplementedError


def _row(*cells: str) -> Iterator[str]:
    for k, cell in enumerate(cells):
        yield f"   {'* -' if k == 0 else '  -'} {cell}"


def _table(*head: str) -> Iterator[str]:
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: auto", "")
    yield from _row(*head)


def _call(owner: type, name: str) -> tuple[list[str], str]:
    """Return what a method takes, without further controls, and the first sentence on it."""
    [(arguments, _)], body = head_and_body(getattr(owner, name).__doc__)
    first = "\n".join(body).split("\n\n")[0].replace("\n", " ")
    return [a for a in _ARGUMENT.findall(arguments) if a != "controls"], first


class Gates(Generated):
    """A row a gate: how it is called, and what it is."""

    def lines(self) -> Iterator[str]:
        """Write the methods of Circuit that take angles and qubits alone."""
        yield from _table("gate", "qubits", "angles", "what it is")
        for name in dir(ketgrad.Circuit):
            document = getattr(ketgrad.Circuit, name).__doc__ or ""
            if name.startswith("_") or "Lists add a gate for each" not in document:
                continue
            taken, first = _call(ketgrad.Circuit, name)
            qubits = [a for a in taken if re.fullmatch(r"(qubit|control|target)\d?", a)]
            angles = [a for a in taken if a not in qubits]
            link = f":py:meth:`{name}({', '.join(taken)}) <ketgrad.Circuit.{name}>`"
            yield from _row(link, str(len(qubits)), str(len(angles)), rendered([first])[0])


_WIDTHS = {"pauli": "any", "from_kraus": "any"}


class Channels(Generated):
    """A row a channel: what it takes and does."""

    def lines(self) -> Iterator[str]:
        """Write the static methods of Channel."""
        yield from _table("channel", "qubits", "what it does")
        for name, method in vars(ketgrad.Channel).items():
            if isinstance(method, staticmethod) and not name.startswith("_"):
                taken, first = _call(ketgrad.Channel, name)
                link = f":py:meth:`{name}({', '.join(taken)}) <ketgrad.Channel.{name}>`"
                width = "2" if name.endswith("2") else _WIDTHS.get(name, "1")
                yield from _row(link, width, rendered([first])[0])


class Commands(Generated):
    """A section a command: its help."""

    def lines(self) -> Iterator[str]:
        """Write what argparse does."""
        from ketgrad import __main__ as command_line

        os.environ["COLUMNS"] = "96"
        for name in command_line._MODULES:
            _, command = command_line._parsers(name)
            title = f"ketgrad {name}"
            yield from (f".. rubric:: {title}", f"   :name: ketgrad-{name}", "")
            yield from (".. code-block:: text", "")
            yield from (f"   {line}" for line in command.format_help().splitlines())
            yield ""


class Peers(Generated):
    """A table of the figures of docs/NAME.json, as the benchmark that wrote it prints them."""

    required_arguments = 1

    def lines(self) -> Iterator[str]:
        """Write a table of what is Markdown there."""
        name = self.arguments[0]
        report = json.loads((ROOT / f"docs/{name}.json").read_text(encoding="utf-8"))
        self.env.note_dependency(str(ROOT / f"docs/{name}.json"))
        benchmark = _benchmark(name)
        if name == "training":
            medians = benchmark.training_report.medians(report)
            text = benchmark.training_report.table(medians, benchmark.LABELS)
        else:
            text = benchmark.table(report["rows"])
        head, _, *rows = text.splitlines()
        yield from _table(*_cells(head))
        for row in rows:
            yield from _row(*_cells(row))
        packages = ", ".join(f"{key} {value}" for key, value in report["versions"].items())
        yield from ("", f"Measured {report['date'][:10]}, {report['processor']}; {packages}.")


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _benchmark(name: str) -> Any:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


class Headers(Generated):
    """Everything in the public headers of some folders."""

    required_arguments = 1
    final_argument_whitespace = True

    def lines(self) -> Iterator[str]:
        """Ask breathe for each, in the order of the headers that gather them."""
        yield from (".. highlight:: none", "")
        for folder in self.arguments[0].split():
            for header in public_headers():
                if header.rpartition("/")[0] == folder:
                    yield from (header, "-" * len(header), "")
                    yield f".. doxygenfile:: {header}"
                    yield from (f"   :sections: {_SECTIONS}", "")


_SECTIONS = (
    "briefdescription detaileddescription innernamespace innerclass define enum func typedef var "
    "public-attrib public-func public-static-attrib public-static-func public-type"
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    for directive in (Gates, Channels, Commands, Peers, Headers):
        app.add_directive(directive.__name__.lower(), directive)
    return {"parallel_read_safe": True}
