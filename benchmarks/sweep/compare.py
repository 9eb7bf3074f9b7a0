"""What counts as a disagreement: intervals, regions and quantiles beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.priors import Prior
from benchmarks.sweep.integrate import Marginal, Posterior
from benchmarks.sweep.scan import Interval

Array = NDArray[np.float64]
Range = tuple[float, float]
ANY: Range = (-np.inf, np.inf)

OF_WIDTH = 1e-3
"""How far ends may be apart that no random number stands behind."""
ERRORS = 5.0
MINOS = 1e-2
"""MINOS's own tolerance, as a share of the width."""
SIGNIFICANT = 0.1
"""A gap in a region counts if the density in it is lower than at the ends by so much."""
FEW = 0.01
"""Share of draws near an end of the prior's range, from which on the range matters."""
INEFFICIENT = 0.01
"""With fewer effective points than this share, the grid is no judge."""
RANGE_MATTERS = 0.1
"""A credible limit is the prior's if it moves by so much, as a share, when the prior's range is
doubled. The package's own guard, which knows of the range inside only, stands at half of it."""
NEAR = 0.05
"""How near an end draws have to be to count as there, as a share of the range."""
BEYOND = 1000
"""Points beyond an end of the range."""
RANGE_MAY_MATTER = 0.02
"""From here on a package may refuse to print it; if it moves by less even where the likelihood is
taken not to fall beyond the range, nothing needs to be computed there."""


@dataclass(frozen=True)
class Comparison:
    """One number of the package beside the referee's.

    Attributes
    ----------
    kind : str
    level : float
    prior : str
    package, referee : Any
    tolerance : float
    verdict : {"agree", "disagree", "not judged", "refused"}
    note : str
    """

    kind: str
    level: float
    prior: str
    package: Any
    referee: Any
    tolerance: float
    verdict: str
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def ends(
    kind: str,
    level: float,
    package: Sequence[Interval],
    referee: Sequence[Interval],
    of_width: float = OF_WIDTH,
) -> Comparison:
    """Compare the ends of intervals, within a share of the width of each."""
    same = len(package) == len(referee)
    for a, b in zip(package, referee, strict=False):
        for x, y in zip(a, b, strict=True):
            same &= _close(x, y, of_width * width(b))
    return Comparison(
        kind, level, "", list(package), list(referee), of_width, "agree" if same else "disagree"
    )


def width(interval: Interval) -> float:
    """Return the width of an interval, measured from zero where it has one end."""
    low, high = interval
    if low is None and high is None:
        return np.inf
    return abs((0.0 if high is None else high) - (0.0 if low is None else low))


def _close(x: float | None, y: float | None, tolerance: float) -> bool:
    if x is None or y is None:
        return x is None and y is None
    return abs(x - y) <= tolerance


def nested(levels: Sequence[float], found: Sequence[Sequence[Interval]]) -> Comparison:
    """Check that the intervals of each level lie inside those of the next."""
    wrong = []
    for number in range(len(levels) - 1):
        for inner in found[number]:
            if not any(_inside(inner, outer) for outer in found[number + 1]):
                wrong.append(f"{inner} at {levels[number]:g}, {found[number + 1]} above")
    return Comparison(
        "profile nested",
        levels[-1],
        "",
        list(found),
        None,
        0.0,
        "disagree" if wrong else "agree",
        "; ".join(wrong),
    )


def _inside(inner: Interval, outer: Interval) -> bool:
    slack = 1e-6 * min(width(inner), 1e12)
    low, high = (
        end if end is not None else sign * np.inf for end, sign in zip(outer, (-1, 1), strict=True)
    )
    a, b = (
        end if end is not None else sign * np.inf for end, sign in zip(inner, (-1, 1), strict=True)
    )
    return bool(a >= low - slack and b <= high + slack)


def effective_size(draws: Array, level: float) -> float:
    """Return the effective number of draws behind the quantile at a level."""
    from arviz_stats.base import array_stats

    return float(array_stats.ess(draws, method="quantile", prob=level))


def held_by_draws(
    level: float, prior: str, region: Sequence[Interval], draws: Array, weight_error: float
) -> Comparison:
    """Compare the share of the draws inside the printed region with the level."""
    share = np.zeros(draws.shape)
    for low, high in region:
        inside = (draws >= (-np.inf if low is None else low)) & (
            draws <= (np.inf if high is None else high)
        )
        share += inside
    size = min(effective_size(draws, q) for q in (level, 0.5 * (1.0 + level)))
    tolerance = ERRORS * float(np.hypot(np.sqrt(level * (1 - level) / size), weight_error))
    held = float(share.mean())
    return Comparison(
        "credible, draws",
        level,
        prior,
        held,
        level,
        tolerance,
        "agree" if abs(held - level) <= tolerance else "disagree",
        f"share of the draws inside {tuple(region)}",
    )


def reaches_range(
    level: float, region: Sequence[Interval], draws: Array, low: float, high: float
) -> Comparison:
    """Check that few draws lie near an end of the prior's range, other than at zero."""
    near = draws > high - NEAR * (high - low)
    if low < 0.0:
        near |= draws < low + NEAR * (high - low)
    share = float(near.mean())
    return Comparison(
        "prior's range",
        level,
        "flat",
        list(region),
        share,
        FEW,
        "disagree" if share > FEW else "agree",
        f"share of the draws near an end of [{low:g}, {high:g}]",
    )


def held_by_grid(
    level: float, prior: str, region: Sequence[Interval], posterior: Posterior, error: float
) -> Comparison:
    """Compare the probability that the grid has inside the printed region with the level.

    `error` is the Monte Carlo error of that probability, the package's and the grid's.
    """
    low, high = posterior.value[0], posterior.value[-1]
    plain = [(low if a is None else a, high if b is None else b) for a, b in region]
    held = posterior.held(plain)
    return Comparison(
        "credible, probability",
        level,
        prior,
        held,
        level,
        ERRORS * error,
        "agree" if abs(held - level) <= ERRORS * error + 2e-3 else "disagree",
        f"held by {tuple(region)}",
    )


def against_grid(
    level: float,
    prior: str,
    region: Sequence[Interval],
    reference: Sequence[Interval],
    errors: Sequence[Interval],
    posterior: Posterior,
) -> Comparison:
    """Compare printed ends with those of the grid, within five errors of each end."""
    verdict, note = "agree", ""
    if len(region) == len(reference):
        worst = 0.0
        for a, b, e in zip(region, reference, errors, strict=True):
            for x, y, error in zip(a, b, e, strict=True):
                if x is None or y is None:
                    verdict = "agree" if x is None and y is None and verdict == "agree" else verdict
                    continue
                slack = 1e-3 * width(b)
                worst = max(worst, (abs(x - y) - slack) / max(error or 0.0, 1e-300))
        if worst > ERRORS:
            verdict, note = "disagree", f"{worst:.1f} Monte Carlo errors"
    elif len(region) != significant_pieces(posterior, reference):
        verdict, note = "disagree", f"{len(region)} pieces for {len(reference)}"
    return Comparison(
        "credible, grid", level, prior, list(region), list(reference), ERRORS, verdict, note
    )


def significant_pieces(posterior: Posterior, region: Sequence[Interval]) -> int:
    """Return how many pieces of a region rise well above its cut, with gaps well below it."""
    x, density = posterior.value, posterior.density
    pieces = [(x[0] if a is None else a, x[-1] if b is None else b) for a, b in region]
    norm = np.trapezoid(density, x)
    cut = max(posterior.at(end) for piece in pieces for end in piece) * norm
    high = [p for p in pieces if _within(posterior, *p).max() > (1.0 + SIGNIFICANT) * cut]
    gaps = [
        _within(posterior, a[1], b[0]).min() < (1.0 - SIGNIFICANT) * cut for a, b in pairwise(high)
    ]
    return 1 + sum(gaps)


def _within(posterior: Posterior, low: float, high: float) -> Array:
    inside = posterior.density[(posterior.value >= low) & (posterior.value <= high)]
    return inside if len(inside) else np.array([posterior.at(low)])


def follows_range(
    marginal: Marginal, prior: Prior, level: float, one_sided: bool, widest: Range = ANY
) -> float:
    """Return the most by which a credible limit can move when the prior's range is doubled.

    As a share; beyond the range the likelihood is taken to stay what it is at the ends: it falls.
    """
    inside = marginal.posterior(prior)
    return moved_by(inside, _doubled(inside, prior.power, one_sided, widest), level, one_sided)


def moved_by(inside: Posterior, wider: Posterior, level: float, one_sided: bool) -> float:
    """Return by how much a credible limit differs between two posteriors, as a share."""
    if one_sided:
        a, b = inside.quantile(level), wider.quantile(level)
        return abs(a - b) / a
    sizes = [sum(b - a for a, b in x.highest(level)) for x in (inside, wider)]
    return abs(sizes[1] - sizes[0]) / sizes[0]


def twice_as_wide(prior: Prior, one_sided: bool, widest: Range = ANY) -> Prior:
    """Return a prior with twice the range: from zero on, or by half of it at both ends.

    `widest` is where the parameter has a meaning: sin^2 of an angle is in no wider range.
    """
    length = prior.high - prior.low
    if one_sided:
        return replace(prior, high=min(prior.high + length, widest[1]))
    low, high = prior.low - 0.5 * length, prior.high + 0.5 * length
    return replace(prior, low=max(low, widest[0]), high=min(high, widest[1]))


def _doubled(inside: Posterior, power: float, one_sided: bool, widest: Range) -> Posterior:
    x, p = inside.value, inside.density
    more = np.linspace(0.0, (1.0 if one_sided else 0.5) * (x[-1] - x[0]), BEYOND)[1:]
    above = x[-1] + more
    value, density = [x, above], [p, p[-1] * (above / x[-1]) ** power]
    if not one_sided:  # under a flat prior
        value, density = [x[0] - more[::-1], *value], [np.full(len(more), p[0]), *density]
    all_values, all_densities = np.concatenate(value), np.concatenate(density)
    keep = (all_values >= widest[0]) & (all_values <= widest[1])
    return Posterior(all_values[keep], all_densities[keep])
