"""Impacts as people know them: pulls on the left, what they do to the limit on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayesnu.output.names import nuisance, superscript
from bayesnu.output.plots import style
from bayesnu.results.impacts import Impacts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 25
"""Rows of a picture: the largest impacts."""


@style.styled
def draw_impacts(found: Impacts, most: int = MOST) -> Figure:
    """Draw pulls with their widths after the fit, and impacts; nuisances without a width have no
    pull: their fitted value is written instead."""
    rows = found.nuisances[:most]
    height = 1.6 + 0.24 * max(len(rows), 3)
    figure, (left, right) = style.figure(
        8.5, height, ncols=2, sharey=True, gridspec_kw={"width_ratios": [1.0, 1.2]}
    )
    at = np.arange(len(rows))[::-1]
    left.axvspan(-1.0, 1.0, color="0.92", lw=0)
    left.axvline(0.0, color="0.6", lw=0.8)
    for y, n in zip(at, rows, strict=True):
        if n.pull is None or n.constraint is None:
            text = f"{n.fit:.3g} $\\pm$ {n.error:.2g}"
            box = {"facecolor": "0.92", "edgecolor": "none", "pad": 1.0}
            left.text(0.0, y, text, ha="center", va="center", fontsize=8, bbox=box)
        else:
            left.errorbar(n.pull, y, xerr=n.constraint, fmt="o", ms=4, color=style.DATA, lw=1.2)
    left.set_yticks(at, [nuisance(n.name, found.experiments) for n in rows], fontsize=8)
    far = max([2.2, *(abs(n.pull) + (n.constraint or 0.0) for n in rows if n.pull is not None)])
    left.set_xlim(-1.1 * far, 1.1 * far)
    left.set_xlabel(r"(fit $-$ prior) / prior width")
    right.axvline(0.0, color="0.6", lw=0.8)
    up, down = [n.impact_up or 0.0 for n in rows], [n.impact_down or 0.0 for n in rows]
    right.barh(at, up, 0.62, color=style.COLOURS[5], alpha=0.8, label="one width up")
    right.barh(at, down, 0.62, color=style.COLOURS[4], alpha=0.8, label="one width down")
    unit = style.unit_latex(found.unit)
    right.set_xlabel(f"change of the {found.of} of ${found.latex}$ [{unit}]")
    right.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    left.set_ylim(-0.7, len(rows) - 0.3)
    names = superscript(" + ".join(found.experiments))
    left.set_title(f"{names}\n{found.signal}, {found.level:.0%}", fontsize=9, loc="left")
    return figure
