"""The extension module as reStructuredText: its docstrings are plain text with doctests.

Their heads, one signature or several, become signatures; `names` become code, arXiv numbers
links, aligned lines literal blocks. Docstrings of Python modules are numpydoc's, which autodoc and
napoleon read: only links are made there, and what is special to reStructuredText is escaped.
"""

import re
from typing import Any

from sphinx.application import Sphinx

import ketgrad

_METHOD = type(ketgrad.Circuit.__init__)

_SIGNATURE = re.compile(r"^ *(?:\d+\. )?\w+(?P<arguments>\(.*?\))(?: -> (?P<result>.*))?$")
_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5}|quant-ph/\d{7})")
_SPECIAL = re.compile(r"([\\*|]|\b_|_\b)")


def head_and_body(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Split a docstring into its signatures, (arguments, result), and the lines behind."""
    paragraphs = text.strip("\n").split("\n\n")
    found = []
    while paragraphs:
        first = " ".join(line.strip() for line in paragraphs[0].splitlines())
        first = first.removesuffix("Overloaded function.").strip()
        match = _SIGNATURE.match(first)
        if not match:
            break
        if match["arguments"] != "(*args, **kwargs)":
            arguments = re.sub(r"\(self(: \w+)?(, )?", "(", match["arguments"], count=1)
            found.append((arguments, match["result"] or ""))
        del paragraphs[0]
    return found, "\n\n".join(paragraphs).splitlines()


def rendered(lines: list[str]) -> list[str]:
    """Write plain text as reStructuredText, paragraph by paragraph."""
    result: list[str] = []
    for paragraph in "\n".join(lines).split("\n\n"):
        rows = paragraph.strip("\n").splitlines()
        if rows and rows[0].lstrip().startswith(">>>"):
            result += [*rows, ""]
        elif any(re.search(r"^ +\S|\S   *\S", row) for row in rows):
            result += [".. code-block:: text", "", *(f"    {row}" for row in rows), ""]
        else:
            result += [*_around_doctest(rows), ""]
    return result


def _around_doctest(rows: list[str]) -> list[str]:
    start = next((k for k, row in enumerate(rows) if row.startswith(">>>")), len(rows))
    prose = [linked(_escaped(row)) for row in rows[:start]]
    return [*prose, "", *rows[start:]] if start < len(rows) else prose


def _escaped(row: str) -> str:
    parts = re.split(r"`+([^`]+)`+", row)
    parts[::2] = [_SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [f"``{part}``" for part in parts[1::2]]
    return "".join(parts)


def linked(row: str) -> str:
    """Make links of the numbers of papers."""
    return _ARXIV.sub(r"`arXiv:\1 <https://arxiv.org/abs/\1>`__", row)


def of_python(row: str) -> str:
    """Escape what docstrings of Python modules mean as it is: |x| and names that end with _."""
    parts = re.split(r"(`+[^`]+`+)", row)
    parts[::2] = [re.sub(r"\\?([|]|(?<=\w)_\b(?! :))", r"\\\1", part) for part in parts[::2]]
    return linked("".join(parts))


def described(name: str, thing: Any) -> list[str]:
    """Write a function, class, method or property of the extension module, with all it has."""
    heads, body = head_and_body(thing.__doc__ or "")
    options = []
    if isinstance(thing, type):
        kind = "class"
        heads, _ = head_and_body(thing.__init__.__doc__ or "")
        heads = [(arguments, "") for arguments, _ in heads]
        bases = [base.__name__ for base in thing.__bases__ if is_plain(base)]
        body = [*body, "", *(f"A `{base}` is its base, which see for more." for base in bases)]
    elif isinstance(thing, property):
        kind, heads = "property", []
        _, _, result = (thing.fget.__doc__ or "").strip().partition(" -> ")
        options = [f":type: {result.replace('ketgrad._core.', '')}"] if result else []
    else:
        kind = "method" if isinstance(thing, _METHOD | staticmethod) else "function"
        if isinstance(thing, staticmethod):
            options = [":staticmethod:"]
    signatures = [f"{name}{args} -> {result}" if result else name + args for args, result in heads]
    first, *others = signatures or [name]
    lines = [f".. py:{kind}:: {first}", *(f"              {other}" for other in others)]
    members = vars(thing) if isinstance(thing, type) else {}
    inner = [*options, "", *rendered(body)]
    for key, member in members.items():
        if not key.startswith("_"):
            inner += ["", *described(key, member)]
    return [*lines, *(f"   {line}" if line else "" for line in inner), ""]


def is_plain(thing: Any) -> bool:
    """Whether the extension module has it."""
    return getattr(thing, "__module__", "") == "ketgrad._core"


def _docstring(
    _app: Sphinx, _what: str, _name: str, _thing: Any, _options: Any, lines: list[str]
) -> None:
    doctest = False
    for k, line in enumerate(lines):
        doctest = line.strip() != "" and (doctest or line.lstrip().startswith(">>>"))
        lines[k] = line if doctest else of_python(line)


def _skip(
    _app: Sphinx, _what: str, _name: str, thing: Any, _skip: bool, _options: Any
) -> bool | None:
    """Leave out what scikit-learn adds to its estimators."""
    return True if str(getattr(thing, "__module__", "")).startswith("sklearn") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Change what autodoc reads, before napoleon does."""
    app.connect("autodoc-process-docstring", _docstring, priority=400)
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True}
