"""Parameters with two flavour indices: diagonal ones, transition ones, one for all flavours."""

from __future__ import annotations

from typing import Any

from bayesnu.physics.cross_sections.electroweak import FLAVOURS, PAIRS
from bayesnu.physics.signals.base import SignalParameter, Values

LATEX = {"e": "e", "mu": r"\mu", "tau": r"\tau"}


def flavour_matrix(
    symbol: str,
    latex: str,
    unit: str,
    scale: float,
    *,
    reach: float,
    probe: float,
    transitions: bool = True,
) -> tuple[SignalParameter, ...]:
    """Return the parameters of a flavour matrix.

    Parameters
    ----------
    symbol : str
        ``q`` gives q_eff, q_ee, q_mumu, q_tautau, q_emu, q_etau, q_mutau.
    latex : str
        With ``{}`` for the index.
    scale : float
        One unit in plain units.
    transitions : bool
        Whether there are off-diagonal elements; only their size matters.
    """
    diagonal = tuple(f"{symbol}_{flavour}{flavour}" for flavour in FLAVOURS)
    result = [
        SignalParameter(
            f"{symbol}_eff",
            unit,
            latex.format(r"\mathrm{eff}"),
            scale,
            one_sided=False,
            reach=reach,
            probe=probe,
            sets=diagonal,
        )
    ]
    result += [
        SignalParameter(
            name,
            unit,
            latex.format(2 * LATEX[flavour]),
            scale,
            one_sided=False,
            reach=reach,
            probe=probe,
        )
        for name, flavour in zip(diagonal, FLAVOURS, strict=True)
    ]
    if transitions:
        result += [
            SignalParameter(
                f"{symbol}_{a}{b}",
                unit,
                "|" + latex.format(LATEX[a] + LATEX[b]) + "|",
                scale,
                one_sided=True,
                reach=reach,
                probe=probe,
            )
            for a, b in PAIRS
        ]
    return tuple(result)


def transitions_of(symbol: str, flavour: str, values: Values) -> tuple[Any, ...]:
    """Return the values of the two transition elements that a flavour takes part in."""
    return tuple(values[f"{symbol}_{a}{b}"] for a, b in PAIRS if flavour in (a, b))
