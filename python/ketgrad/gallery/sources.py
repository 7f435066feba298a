"""Whether the code of an experiment is what made its figures."""

import ast
import hashlib
import sys
from inspect import getsource

from ketgrad.gallery import __name__ as room
from ketgrad.gallery import load, module_of

_FRAME = {f"{room}.{name}" for name in ("experiment", "pictures")}  # makes no figures


def source(name: str) -> str:
    """Hash the code of an experiment: its module, and those of the gallery that it uses."""
    load(name)
    found: dict[str, str] = {}
    _collect(module_of(name), found)
    return hashlib.sha256("".join(found.values()).encode()).hexdigest()[:16]


def _collect(module: str, found: dict[str, str]) -> None:
    found[module] = getsource(sys.modules[module])
    for node in ast.walk(ast.parse(found[module])):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                inside = name.startswith(f"{room}.") and name in sys.modules
                if inside and name not in {*found, *_FRAME}:
                    _collect(name, found)
