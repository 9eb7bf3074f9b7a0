"""Are two printed texts the same, and their numbers equal within their errors?

A number is computed, and equal but for rounding; or it is drawn, and has an error. A line that
states its effective draws (`ESS 1767`) or a Monte Carlo error holds drawn numbers; the others
are in a block or a cell that says so: `sampled-N`, numbers worth N independent draws, with a
relative error of 1 / sqrt(N); `shares-N`, shares of N independent draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from monte_carlo import SIGMAS, binomial_error

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w])")
INTERVAL = re.compile(r"\(\s*([-+\d.e]+),\s*([-+\d.e]+)\)")
DIAGNOSTICS = re.compile(r"R-hat [\d.]+, ESS \d+")
ESS = re.compile(r"ESS (\d+)")
STATED = re.compile(r"(?:±|\+-|error|uncertainty) ?([\d.]+(?:e-?\d+)?)")
SHORT = re.compile(r"(\d+\.(\d+))\((\d+)\)")
"""0.752(2) is 0.752 +- 0.002."""

SEED = re.compile(r"\bseed:? \d+")

COMPUTED = 2e-3
"""Of a number that is not drawn: what another processor's rounding leaves of a minimum."""

WORTH = 25.0
"""Ends of credible intervals average the conditional densities of all draws (density.py): their
error is a fifth of that of quantiles, or less."""

LAST_DIGITS = 0.75
"""Units of the last digit of each: both numbers are rounded, by half of one and a bit."""


@dataclass(frozen=True)
class Drawn:
    """What the numbers of a block or a cell rest on.

    Attributes
    ----------
    draws : float
        Independent draws that are worth the same.
    shares : bool
        Numbers in [0, 1], or before a per cent sign, are shares of them.
    """

    draws: float
    shares: bool = False


def drawn_of(words: list[str] | tuple[str, ...]) -> Drawn | None:
    """Read `sampled-N` or `shares-N` among the words of a block or the tags of a cell."""
    for word in words:
        kind, _, number = word.partition("-")
        if kind in ("sampled", "shares") and number.isdigit():
            return Drawn(float(number), kind == "shares")
    return None


def words_of(text: str) -> list[str]:
    """Return a line's words without its numbers, diagnostics and seed."""
    return NUMBER.sub("#", _plain(text)).split()


def agree(shown: str, printed: str, drawn: Drawn | None = None) -> bool:
    """Whether two lines have the same words, and numbers within five errors of both."""
    if words_of(shown) != words_of(printed):
        return False
    errors = [_errors(text, drawn) for text in (shown, printed)]
    texts = [NUMBER.findall(_plain(text)) for text in (shown, printed)]
    for one, other, *own in zip(*texts, *errors, strict=True):
        a, b = float(one), float(other)
        allowed = (
            SIGMAS * np.hypot(*own) + LAST_DIGITS * (_unit(one) + _unit(other)) + COMPUTED * abs(a)
        )
        if abs(a - b) > allowed:
            return False
    return True


def _plain(text: str) -> str:
    """Return a line without diagnostics and seeds, with errors in one notation."""
    text = SEED.sub("seed", DIAGNOSTICS.sub("R-hat, ESS", text))
    return SHORT.sub(lambda m: f"{m[1]} +- {int(m[3]) * 10.0 ** -len(m[2]):.{len(m[2])}f}", text)


def _unit(number: str) -> float:
    """Return one unit of the last digit; an integer is a count, and has none."""
    mantissa, _, power = number.partition("e")
    _, point, decimals = mantissa.partition(".")
    return 10.0 ** (int(power or 0) - len(decimals)) if point else 0.0


def _errors(text: str, drawn: Drawn | None) -> list[float]:
    """Return the Monte Carlo error of every number of a line."""
    plain = _plain(text)
    own, stated = ESS.search(text), [float(error) for error in STATED.findall(plain)]
    places = list(NUMBER.finditer(plain))
    if drawn is None and own is None:
        return [0.0] * len(places)
    if drawn is None and stated:
        return [max(stated)] * len(places)
    if drawn is None and own is not None:
        drawn = Drawn(WORTH * float(own[1]))
    assert drawn is not None
    return [_error(place, plain, drawn) for place in places]


def _error(place: re.Match[str], text: str, drawn: Drawn) -> float:
    value = abs(float(place[0]))
    percent = text[place.end() : place.end() + 1] == "%"
    if drawn.shares and (percent or value <= 1.0):
        scale = 100.0 if percent else 1.0
        return scale * float(binomial_error(value / scale, drawn.draws))
    for interval in INTERVAL.finditer(text):
        # Both ends have the error of the wider one: one of them may be near zero.
        if interval.start() <= place.start() < interval.end():
            value = max(abs(float(interval[1])), abs(float(interval[2])))
    return value / float(np.sqrt(drawn.draws))
