"""Formulas of the documentation site as MathML, which browsers draw without any script."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

SIZES = re.compile(r"\\[bB]igg?[lrm]?(?![A-Za-z])")
"""Sizes of single brackets, which MathML chooses by itself."""

logger = logging.getLogger(__name__)


def mathml(tex: str, node: nodes.Node, *, block: bool) -> str:
    """Return a formula as MathML; what cannot be converted is a warning of the build."""
    tex = SIZES.sub("", tex)
    if tex.startswith(("^", "_")):
        tex = f"{{}}{tex}"  # the 214 of lead stands on nothing
    try:
        return tex2mathml(tex, as_block=block)
    except (MathError, IndexError) as error:
        logger.warning("formula %r: %s", tex, error, location=node, type="math")
        return f"<code>{tex}</code>"


def inline(translator: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(mathml(node.astext(), node, block=False))
    raise nodes.SkipNode


def display(translator: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number if it has one."""
    tex = node.astext()
    if "\\\\" in tex and "\\begin" not in tex:
        tex = f"\\begin{{aligned}}{tex}\\end{{aligned}}"
    ids = f' id="{node["ids"][0]}"' if node["ids"] else ""
    translator.body.append(f'<div class="equation"{ids}>')
    translator.body.append(f'<div class="formula">{mathml(tex, node, block=True)}</div>')
    if node.get("number"):
        number = f"({node['number']})"
        translator.body.append(f'<span class="number">{number}')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>")
    raise nodes.SkipNode
