"""The directive `names`: a table of names of a module, and the documentation of each.

    .. names:: ketgrad.library
    .. names:: ketgrad

       Circuit Parameter

Without names it has all that the module's `__all__` lists.
"""

import inspect
import re
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from plain_docstrings import described, head_and_body, is_plain, of_python, rendered


class Names(SphinxDirective):
    """See above."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Write the table, and what the extension module or autodoc has of each name."""
        module = import_module(self.arguments[0])
        chosen = " ".join(self.content).split() or list(module.__all__)
        lines = [f".. currentmodule:: {module.__name__}", ""]
        lines += [".. list-table::", "   :class: names", "   :widths: auto", ""]
        for name in chosen:
            lines += [f"   * - :py:obj:`{name}`", f"     - {_summary(getattr(module, name))}"]
        lines += [""]
        for name in chosen:
            thing = getattr(module, name)
            if is_plain(thing):
                lines += described(name, thing)
            else:
                lines += [f".. {_directive(thing)}:: {name}", ""]
        return self.parse_text_to_nodes("\n".join(lines))


def _directive(thing: object) -> str:
    if inspect.isclass(thing):
        return "autoclass"
    return "autofunction" if callable(thing) else "autodata"


def _summary(thing: Any) -> str:
    """Return the first sentence of its docstring."""
    if not (inspect.isclass(thing) or callable(thing)):
        return ""
    _, body = head_and_body(inspect.getdoc(thing) or "")
    prose = re.split(r"(?<=\.)\s|\n\n", "\n".join(body))[0].replace("\n", " ")
    return rendered([prose])[0] if is_plain(thing) else of_python(prose)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("names", Names)
    return {"parallel_read_safe": True}
