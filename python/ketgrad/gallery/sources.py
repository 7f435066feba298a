"""Whether the code and data of an experiment are what made its figures."""

import ast
import hashlib
import sys
from inspect import getsource
from pathlib import Path

from ketgrad.gallery import __name__ as room
from ketgrad.gallery import load, module_of

_HERE = Path(__file__).parent
_FRAME = {f"{room}.{name}" for name in ("experiment", "pictures")}  # makes no figures


def source(name: str) -> str:
    """Hash an experiment: its module, those of the gallery that it uses, and data beside them.

    Data lie in the folders of experiments that are packages.
    """
    load(name)
    found: dict[str, str] = {}
    _collect(module_of(name), found)
    files = (Path(str(sys.modules[module].__file__)) for module in found)
    folders = dict.fromkeys(file.parent for file in files)  # in their order, each once
    folders.pop(_HERE, None)
    data = (path.read_bytes() for folder in folders for path in _data_in(folder))
    code = "".join(found.values()).encode()
    return hashlib.sha256(b"".join([code, *data])).hexdigest()[:16]


def _data_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".py")


def _collect(module: str, found: dict[str, str]) -> None:
    found[module] = getsource(sys.modules[module])
    for node in ast.walk(ast.parse(found[module])):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                inside = name.startswith(f"{room}.") and name in sys.modules
                if inside and name not in {*found, *_FRAME}:
                    _collect(name, found)
