"""What tests of pictures share: which functions they cover, labels, legends."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

MOMENT = r"\mu_\nu^\mathrm{eff}"
MOMENT_LABEL = rf"${MOMENT}$ [$10^{{-11}}\,\mu_\mathrm{{B}}$]"
DELTA_CHI2 = r"$\Delta\chi^2$"

TESTED: dict[str, str] = {}
"""Function that draws, and the test that looks at its picture."""


def draws[**P](
    *functions: Callable[..., object],
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Say of which functions a test looks at the pictures."""

    def register(test: Callable[P, None]) -> Callable[P, None]:
        for function in functions:
            TESTED[f"{function.__module__}.{function.__name__}"] = test.__name__
        return test

    return register


def labels(axes: Axes) -> tuple[str, str]:
    """Return the labels of both axes."""
    return axes.get_xlabel(), axes.get_ylabel()


def entries(axes: Axes | Figure) -> list[str]:
    """Return the entries of a legend."""
    legend = axes.legends[0] if isinstance(axes, Figure) else axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def heading(figure: Figure) -> str:
    """Return what stands above the axes."""
    above = figure.get_suptitle() or figure.axes[0].get_title()
    return " ".join(above.split())
