"""How the documentation site is built; `scripts/docs.sh` does."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(Path(__file__).parent / "extensions"))

_project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
project = "ketgrad"
author = "the ketgrad developers"
copyright = "the ketgrad developers, Apache-2.0"  # noqa: A001 - Sphinx's name
release = version = _project["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "names",
    "plain_docstrings",
]
default_role = "py:obj"
suppress_warnings = ["ref.python"]  # several classes have an attribute of one name
exclude_patterns = ["extensions"]
highlight_language = "python"

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
python_use_unqualified_type_names = True

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_title = "ketgrad"
html_show_sourcelink = False
