"""Checks a built site: every link inside leads somewhere, every public name is documented.

python docs/check_site.py SITE
"""

import importlib
import inspect
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sphinx.util.inventory import InventoryFile

ROOMS = (
    *("", ".plots", ".library", ".datasets", ".layers", ".losses", ".mitigation", ".mpi"),
    *(".torch", ".jax", ".pennylane", ".qiskit", ".cirq"),
)


class _Page(HTMLParser):
    """The links of a page, and the places in it that others may lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what a tag leads to, and what it is called."""
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name in ("id", "name") and value:
                self.places.add(value)


def broken_links(site: Path) -> list[str]:
    """Name the links to files of the site, or places in these, that there are not."""
    paths = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in paths}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            places = pages[target].places if target in pages else None
            place = unquote(parts.fragment)
            if not target.exists() or (place and places is not None and place not in places):
                broken.append(f"{path.relative_to(site)}: {link}")
    return broken


def public_names() -> Iterator[str]:
    """All names of all rooms, and the methods and properties that a class of ours adds."""
    for room in ROOMS:
        module = importlib.import_module(f"ketgrad{room}")
        for name in module.__all__:
            thing: Any = getattr(module, name)
            if inspect.ismodule(thing) or name == "__version__":
                continue
            yield f"{module.__name__}.{name}"
            if inspect.isclass(thing):
                own = (key for key, member in vars(thing).items() if _is_ours(key, member))
                yield from (f"{module.__name__}.{name}.{key}" for key in own)


def _is_ours(key: str, member: Any) -> bool:
    described = callable(member) or isinstance(member, property | staticmethod | classmethod)
    document = getattr(member, "__doc__", None) or ""
    from_sklearn = str(getattr(member, "__module__", "")).startswith("sklearn")
    return bool(document) and described and not key.startswith("_") and not from_sklearn


def missing_names(site: Path) -> tuple[list[str], int]:
    """Name what the site does not document, and count what there is."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    by_kind = inventory.data.items()
    known = {name for kind, names in by_kind if kind.startswith("py:") for name in names}
    names = list(public_names())
    return [name for name in names if name not in known], len(names)


def main() -> int:
    """Print what is wrong; the exit status says whether anything is."""
    site = Path(sys.argv[1]).resolve()
    broken = broken_links(site)
    missing, count = missing_names(site)
    for link in broken:
        print(f"broken link: {link}")
    for name in missing:
        print(f"not documented: {name}")
    searchable = (site / "searchindex.js").stat().st_size > 100_000
    print(
        f"{count - len(missing)} of {count} public names are documented; {len(broken)} broken links"
    )
    return 1 if broken or missing or not searchable else 0


if __name__ == "__main__":
    sys.exit(main())
