"""Links of Markdown pages to files outside of docs/ go to the pages that show them."""

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

PAGES = {
    "README": "index",
    "CHANGELOG": "changelog",
    "CONTRIBUTING": "contributing",
    "SECURITY": "security",
}


def _resolve(
    app: Sphinx, _env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """Answer what no page of docs/ does; the target is a path without its suffix."""
    name = str(node.get("reftarget", "")).rpartition("/")[2].removesuffix(".md")
    if name not in PAGES or node.get("reftype") not in ("myst", "doc"):
        return None
    link = app.builder.get_relative_uri(node["refdoc"], PAGES[name])
    return nodes.reference("", "", content, internal=True, refuri=link)


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen to references that are missing."""
    app.connect("missing-reference", _resolve, priority=100)
    return {"parallel_read_safe": True}
