"""How figures look: colours that everybody can tell apart, labels with units."""

from __future__ import annotations

import functools
import importlib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bayesnu.errors import InputError
from bayesnu.files.whole import whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure


COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999",
    "#332288", "#117733",
)  # fmt: skip
"""Okabe and Ito's colours, which people with colour-blindness can tell apart, and two more."""

SIGNAL, PROFILE, POSTERIOR, DATA = "#D55E00", "#000000", "#0072B2", "#000000"
EXPECTED = "#009E73"

SETTINGS: dict[str, Any] = {
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "font.size": 10,
    "axes.labelsize": 11,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "axes.spines.top": True,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,  # a matplotlibrc may ask for a LaTeX that is not there
}


@functools.cache
def mend_backend() -> None:
    """Let matplotlib be imported where MPLBACKEND is none that it knows: no window is opened."""
    try:
        importlib.import_module("matplotlib")
    except ValueError:
        os.environ["MPLBACKEND"] = "agg"
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            del sys.modules[name]  # half imported
        importlib.import_module("matplotlib")


def styled[**P, T](draw: Callable[P, T]) -> Callable[P, T]:
    """Let a function that draws do so in the package's style, legends included."""

    @functools.wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        mend_backend()
        from matplotlib import rc_context

        with rc_context(cast(Any, SETTINGS)):
            return draw(*args, **kwargs)

    return wrapped


def unit_latex(unit: str) -> str:
    """Return a unit for a label: ``1e-11 mu_B`` becomes 10^{-11} mu_B in math."""
    match = re.fullmatch(r"1e(-?\d+)\s*(.*)", unit)
    symbols = {"mu_B": r"\mu_\mathrm{B}", "e": "e", "cm2": r"\mathrm{cm}^2", "": ""}
    if match:
        plain = re.sub(r"[^A-Za-z0-9 ]", "", match[2])
        rest = symbols.get(match[2], rf"\mathrm{{{plain}}}")
        return rf"$10^{{{match[1]}}}\,{rest}$"
    return unit


def times(value: str, unit: str) -> str:
    """Return a value with its unit: ``0.81`` and ``1e-11 mu_B`` become 0.81 x 10^{-11} mu_B."""
    text = unit_latex(unit)
    return f"{value} $\\times$ {text}" if text.startswith("$10") else f"{value} {text}".strip()


def axis_label(latex: str, unit: str) -> str:
    """Return an axis label: symbol and unit."""
    return f"${latex}$ [{unit_latex(unit)}]" if unit else f"${latex}$"


def figure(
    width: float = 6.0, height: float = 4.2, layout: str | None = "constrained", **axes: Any
) -> tuple[Figure, Any]:
    """Return a figure and its axes in the package's style, without a window."""
    mend_backend()
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context(cast(Any, SETTINGS)):
        made = Figure(figsize=(width, height), layout=cast(Any, layout))
        FigureCanvasAgg(made)
        return made, made.subplots(**axes)


def write_figure(made: Figure, target: Any, **options: Any) -> None:
    """Write a figure; where a text from a file looks like math and is none, as plain text."""
    from matplotlib import rc_context
    from matplotlib.text import Text

    with rc_context(cast(Any, SETTINGS)):
        try:
            made.savefig(target, **options)
        except ValueError:
            for text in made.findobj(Text):
                text.set_parse_math(False)
            made.savefig(target, **options)


def check_format(path: Path) -> None:
    """Refuse a file name whose suffix is no format that matplotlib can write."""
    mend_backend()
    from matplotlib.backend_bases import FigureCanvasBase

    formats = FigureCanvasBase.get_supported_filetypes()
    if path.suffix.removeprefix(".").lower() not in formats:
        raise InputError(
            path, "suffix", found=repr(path.suffix), expected=" | ".join(sorted(formats))
        )


def save(made: Figure, path: Path) -> Path:
    """Write a figure; the file appears whole or not at all."""
    check_format(path)
    with whole(path) as partial:
        write_figure(made, partial)
    return path
