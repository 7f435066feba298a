"""Write the playground, one page that needs no server: python examples/web/make.py OUT.html."""

import sys
from pathlib import Path

from ketgrad.web.module import read_module
from ketgrad.web.page import page

HERE = Path(__file__).parent


def main(out: str) -> None:
    """Write the page."""
    names = ("grid_circuit.js", "grid_picture.js", "grid.js", "playground.js")
    scripts = tuple(HERE / name for name in names)
    Path(out).write_text(
        page("Quantum circuits, live", HERE / "playground.html", scripts, read_module()),
        encoding="utf-8",
    )
    print(f"wrote {out}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/web/make.py OUT.html")
    main(sys.argv[1])
