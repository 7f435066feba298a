"""How the documentation site is built; `scripts/docs.sh` does."""

import os
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "extensions")]

_project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
project = "ketgrad"
author = "the ketgrad developers"
copyright = "the ketgrad developers, Apache-2.0"  # noqa: A001 - Sphinx's name
release = version = _project["version"]

extensions = [
    "breathe",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "names",
    "outside",
    "plain_docstrings",
    "tables",
]
default_role = "py:obj"
exclude_patterns = ["extensions"]
highlight_language = "python"
smartquotes = False  # of docstrings, where they are code
suppress_warnings = [
    "config.cache",  # of the gallery's own settings, which hold functions
    "duplicate_declaration.cpp",  # every header opens the namespace anew
    "ref.python",  # several classes have an attribute of one name
]

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
napoleon_google_docstring = False
python_use_unqualified_type_names = True
maximum_signature_line_length = 96

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

breathe_projects = {"ketgrad": os.environ.get("KETGRAD_DOXYGEN", str(ROOT / "build/docs/xml"))}
breathe_default_project = "ketgrad"

sphinx_gallery_conf = {
    "examples_dirs": "../examples/tutorials",
    "gallery_dirs": "tutorials",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 1e9,
    "copyfile_regex": r".*\.rst",
}

html_theme = "pydata_sphinx_theme"
html_title = "ketgrad"
html_show_sourcelink = False
html_sidebars = {"index": [], "start": []}
html_static_path = ["static"]
html_css_files = ["ketgrad.css"]
html_theme_options = {
    "logo": {"text": "ketgrad"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
