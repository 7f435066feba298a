"""One file of HTML with everything inside: styles, scripts, WebAssembly and what is shown."""

import base64
import html
import json
from pathlib import Path
from typing import Any

from ketgrad.web.module import Module

_HERE = Path(__file__).parent
SHARED = (_HERE / "engine.js", _HERE / "charts.js")  # scripts of every page


def model_page(document: dict[str, Any], title: str, module: Module) -> str:
    """Make the page of a saved model, `document` being what `exportable` returns."""
    body, scripts = _HERE / "model.html", (_HERE / "inputs.js", _HERE / "model.js")
    return page(title, body, scripts, module, {"model": document})


def page(
    title: str,
    body: Path,
    scripts: tuple[Path, ...],
    module: Module,
    data: dict[str, Any] | None = None,
) -> str:
    """Put a page together; `data` are JSON documents by the id that scripts find them by."""
    inside = [
        _script("", "application/octet-stream", "ketgrad-wasm", module.compressed),
        *(_script("", "application/json", name, part) for name, part in (data or {}).items()),
        _script(module.script),
        *(_script(_text(script)) for script in (*SHARED, *scripts)),
    ]
    parts = {
        "title": html.escape(title),
        "style": _text(_HERE / "style.css"),
        "body": _text(body).replace("{{title}}", html.escape(title)),
        "scripts": "\n".join(inside),
    }
    out = []  # what is put in is not looked through for marks again
    for k, piece in enumerate(_text(_HERE / "page.html").split("{{")):
        name, end, rest = piece.partition("}}")
        out.append(parts[name] + rest if k > 0 and end else piece)
    return "".join(out)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _script(code: str, kind: str = "", name: str = "", content: Any = None) -> str:
    """Write an element; text in it cannot end it."""
    if isinstance(content, bytes):
        code = base64.b64encode(content).decode()
    elif content is not None:
        code = json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    elif "</script" in code.lower() or "<!--" in code:
        raise ValueError("a script of the page has text that would end it")
    attributes = f' type="{kind}" id="{name}"' if kind else ""
    return f"<script{attributes}>{code}</script>"
