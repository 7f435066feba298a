"""The C++ core as WebAssembly, which scripts/web.sh builds and puts beside this file."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "module"


@dataclass(frozen=True)
class Module:
    """Emscripten's JavaScript, and the WebAssembly compressed by gzip."""

    script: str
    compressed: bytes


def read_module(folder: Path = FOLDER) -> Module:
    """Read the module; ValueError says how to come by it where this installation has none."""
    script, compressed = folder / "ketgrad_web.js", folder / "ketgrad_web.wasm.gz"
    if not (script.exists() and compressed.exists()):
        raise ValueError(
            f"this installation lacks the WebAssembly that pages have inside ({compressed}); "
            f"scripts/web.sh in ketgrad's source makes it, with Emscripten"
        )
    return Module(script.read_text(encoding="utf-8"), compressed.read_bytes())
