"""Links of pages to Markdown files beside docs/ go to the pages that show them."""

import os.path
import re

from sphinx.application import Sphinx

PAGES = {
    "README": "index",
    "CHANGELOG": "changelog",
    "CONTRIBUTING": "contributing",
    "SECURITY": "security",
}
_LINK = re.compile(rf"\]\((?:\.\./)+({'|'.join(PAGES)})\.md")


def _inside(_app: Sphinx, page: str, source: list[str]) -> None:
    def link(match: re.Match[str]) -> str:
        path = os.path.relpath(PAGES[match[1]], os.path.dirname(page) or ".")  # noqa: PTH120
        return f"]({path}.md"

    source[0] = _LINK.sub(link, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Change pages as they are read."""
    app.connect("source-read", _inside)
    return {"parallel_read_safe": True}
