"""Settings of the documentation site: `make docs`.

Pages are Markdown. What can be generated (commands, data tables, the API, notebooks) is put in
while pages are read, so that it cannot fall behind the code: see tools/site_pages.py. Nothing is
loaded from the network, neither while building nor while reading: formulas are MathML.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import site_math  # noqa: E402
import site_pages  # noqa: E402

from bayesnu import __version__  # noqa: E402

project = "bayesnu"
author = "The bayesnu developers"
copyright = "the bayesnu developers, BSD-3-Clause"
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton"]
exclude_patterns = [
    "notebooks/README.md",
    "differences.md",  # a part of validation.md
    "examples",
    "**.ipynb_checkpoints",
]

html_theme = "furo"
html_title = f"bayesnu {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
templates_path: list[str] = []

myst_enable_extensions = ["amsmath", "attrs_inline", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_execution_show_tb = False
math_numfig = True
math_eqref_format = "({number})"  # "Eq. 3" is one of a paper
toc_object_entries_show_parents = "hide"
html_math_renderer = "mathml"

nitpicky = True
# Docstrings name types and functions in words; those that are documented become links.
default_role = "py:obj"
nitpick_ignore_regex = [("py:obj", r".*")]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
numpydoc_show_class_members = False
numpydoc_attributes_as_param_list = True
numpydoc_validation_checks: set[str] = set()

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
copybutton_line_continuation_character = "\\"
copybutton_here_doc_delimiter = "EOF"


def setup(app):  # type: ignore[no-untyped-def]
    """Register the generated parts of pages and the renderer of formulas."""
    app.add_html_math_renderer("mathml", (site_math.inline, None), (site_math.display, None))
    app.connect("source-read", site_pages.fill)
    app.connect("autodoc-process-docstring", site_pages.plain_docstring)
    app.connect("env-get-outdated", site_pages.outdated)
