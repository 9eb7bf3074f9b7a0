"""Priors of signals' parameters of any density: what no power of a parameter is.

They are no part of a `Likelihood`: a posterior is drawn with flat priors and weighed by them
(`bayesnu.inference.reweighted`), and a Delta chi2 profile does not know of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.types import Array

NAMED = ("jeffreys", "gaussian:CENTRE,WIDTH", "half-normal:WIDTH")
"""How they are written on a command line, beside those that are powers."""


@dataclass(frozen=True)
class OtherPrior:
    """A prior of one or several parameters.

    Attributes
    ----------
    parameters : tuple of str
        Whose it is.
    words : str
        For tables.
    log_density : callable
        Of values, shape (..., parameters), up to a constant; the prior's range is the flat one's.
    """

    parameters: tuple[str, ...]
    words: str
    log_density: Callable[[Array], Array]


def gaussian(parameter: str, centre: float, width: float) -> OtherPrior:
    """Return a Gaussian prior, cut off at the ends of the range."""
    words = f"Gaussian in {parameter}, {centre:g} +- {width:g}"
    return _of_one(parameter, words, lambda x: -0.5 * ((x - centre) / width) ** 2)


def half_normal(parameter: str, width: float) -> OtherPrior:
    """Return a half-normal prior: a Gaussian about zero, of sizes."""
    words = f"half-normal in {parameter}, width {width:g}"
    return _of_one(parameter, words, lambda x: -0.5 * (x / width) ** 2)


def from_scipy(parameter: str, distribution: Any) -> OtherPrior:
    """Return a frozen distribution of SciPy as a prior, cut off at the ends of the range."""
    name = getattr(getattr(distribution, "dist", None), "name", type(distribution).__name__)
    given = [f"{value:g}" for value in getattr(distribution, "args", ())]
    given += [f"{key}={value:g}" for key, value in getattr(distribution, "kwds", {}).items()]
    words = f"{name}({', '.join(given)}) in {parameter}"
    return _of_one(parameter, words, lambda x: np.asarray(distribution.logpdf(x), dtype=float))


def from_words(parameter: str, text: str) -> OtherPrior:
    """Return a prior as a command line writes it; `InputError` if it is none of `NAMED`."""
    name, _, numbers = text.partition(":")
    try:
        values = [float(number) for number in numbers.split(",")] if numbers else []
    except ValueError:
        values = []
    fine = bool(values) and bool(np.isfinite(values).all()) and values[-1] > 0.0
    if name == "gaussian" and fine and len(values) == 2:
        return gaussian(parameter, *values)
    if name == "half-normal" and fine and len(values) == 1:
        return half_normal(parameter, *values)
    expected = " | ".join(("flat", "flat-squared", "log", "natural", *NAMED))
    raise InputError("--prior", "prior", found=repr(text), expected=expected)


def _of_one(parameter: str, words: str, log_density: Callable[[Array], Array]) -> OtherPrior:
    return OtherPrior((parameter,), words, lambda x: log_density(np.asarray(x)[..., 0]))
