"""The credible interval: here for limits, toys, reports, exclusions and beams alike.

`credible` reads it off a density or off draws, with the Monte Carlo error of each end, and says
where the data do not bound the parameter; `credible_from_draws` adds what the draws are worth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bayesnu.inference.convergence import Quality, quality_of
from bayesnu.inference.datatree import sampled_of
from bayesnu.inference.density import Density, integral, interpolated
from bayesnu.inference.disagreement import errors_of_parts
from bayesnu.inference.highest_density import SIGNIFICANT, highest_density
from bayesnu.inference.marginal_density import DRAWS, Weights, marginal_density
from bayesnu.inference.point_density import from_points
from bayesnu.inference.prior_range import twice_the_range
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.results.draws import Mode, Sampled
from bayesnu.results.interval_text import number
from bayesnu.results.limit import DIVERGENCE_LIMIT, ESS_LIMIT, R_HAT_LIMIT, CredibleLimit
from bayesnu.types import Array, Interval, IntervalKind

if TYPE_CHECKING:
    import xarray as xr


PRIORS = 0.05
"""A limit is the prior's, not the data's, if it would be longer by more than this share of itself
were the prior's range twice as long."""

MISSED = 1e-6
"""Chance that all draws of a Gaussian posterior are as far from the best fit, in chi2."""

ACCURACY = 0.03
"""What the Monte Carlo error of each end may be, as a share of the widest interval's width (of an
upper limit, of the limit)."""


@dataclass(frozen=True)
class Stated:
    """Which credible statement is wanted, and how accurate."""

    level: float = 0.9
    kind: IntervalKind | None = None
    """None: an upper limit on a size, else the region of highest density."""
    accuracy: float | None = None
    """What the Monte Carlo error of each end may be; None: `ACCURACY`, if few more draws do."""

    @classmethod
    def of(cls, level: float | Stated) -> Stated:
        """Return a statement, be it given as one or as a level."""
        return level if isinstance(level, Stated) else cls(level)

    def kind_of(self, one_sided: bool) -> IntervalKind:
        """Return the kind of interval of a parameter."""
        return self.kind or ("upper" if one_sided else "highest-density")


@dataclass(frozen=True)
class Credible:
    """A credible statement on one parameter.

    Attributes
    ----------
    intervals, errors : tuple of Interval
        The ends, and one standard deviation of their Monte Carlo errors.
    bounded : bool
        False where the limit would be the prior's range; there is then no interval.
    doubt : float
        By how many errors a piece or a hole passes the level that is left out as noise.
    notes : tuple of str
        What the end of the prior's range does, with numbers, where it does something.
    """

    intervals: tuple[Interval, ...]
    errors: tuple[Interval, ...]
    bounded: bool = True
    doubt: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def times_more(self) -> float:
        """How many times the draws would make it accurate; 1 if it is."""
        return self.draws_needed(ACCURACY)

    def draws_needed(self, accuracy: float) -> float:
        """Return how many times the draws would make errors a share of the width; 1 if they are."""
        widths = [abs(b - (a or 0.0)) for a, b in self.intervals if b is not None]
        errors = [e for pair in self.errors for e in pair if e is not None]
        relative = max(errors, default=0.0) / (max(widths, default=1.0) or 1.0)
        # What passes the level by less than an error is more likely to vanish than to become clear.
        clear = (SIGNIFICANT / self.doubt) ** 2 if self.doubt > 1.0 else 1.0
        return float(max(1.0, (relative / accuracy) ** 2, clear))


NOTHING = Credible(((None, None),), ((None, None),), bounded=False)

TOUCHED = 0.01
"""A posterior touches the end of its range if its density there is more than this share of the
highest; a change of the limit beyond the same share, by twice the range, is said."""


def credible(
    of: Density | Array, one_sided: bool, level: float, kind: IntervalKind | None = None
) -> Credible:
    """Return the credible interval of a density, or of draws alone.

    Parameters
    ----------
    of : Density or ndarray, shape (chains, draws)
    one_sided : bool
        Of a size the quantile at `level` is an upper limit; of what is none there is the
        highest-density region, which may be a union of intervals.
    kind : {"upper", "central", "highest-density"}, optional
        Instead of these.
    """
    density = of if isinstance(of, Density) else from_points(of)
    wanted = Stated(level, kind).kind_of(one_sided)
    found = _interval(density, wanted, level)
    wider = twice_the_range(density, one_sided)
    if wider is not None:
        size, other = (_size(x.intervals) for x in (found, _interval(wider, wanted, level)))
        # An upper limit on what may be negative has no length of its own.
        signed = wanted == "upper" and not one_sided
        length = _size(_interval(density, "central", level).intervals) if signed else size
        longer = (other - size) / length if length else 0.0
        notes = range_notes(density, one_sided, longer)
        if abs(other - size) > PRIORS * length:
            return replace(NOTHING, notes=notes)
        return replace(found, notes=notes)
    return found


def range_notes(density: Density, one_sided: bool, longer: float) -> tuple[str, ...]:
    """Return what has to be said of the prior's range: what twice of it would do, and its ends."""
    said = []
    if abs(longer) > TOUCHED:
        what = "limit" if one_sided else "region"
        how = "longer" if longer > 0.0 else "shorter"
        said.append(
            f"twice the prior's range would make the {what} {100.0 * abs(longer):.2g}% {how}"
        )
    prior, top = density.prior, float(density.density.max())
    for end, place in () if prior is None else ((prior.low, 0), (prior.high, -1)):
        if end == 0.0 or (one_sided and place == 0) or density.values[place] != end:
            continue
        share = float(density.density[place]) / top
        if share > TOUCHED:
            where = f"at the end of the range, {end:g},"
            said.append(f"{where} the posterior is {100.0 * share:.2g}% of its highest")
    return tuple(said)


def _interval(density: Density, kind: IntervalKind, level: float) -> Credible:
    if kind == "upper":
        return upper_limit(density, level)
    if kind == "central":
        low, high = (quantile(density, 0.5 * (1.0 + sign * level)) for sign in (-1.0, 1.0))
        return Credible(((low[0], high[0]),), ((low[1], high[1]),))
    found = highest_density(density, level)
    return Credible(_pairs(found.ends), _pairs(found.errors), doubt=found.doubt)


def _size(intervals: tuple[Interval, ...]) -> float:
    """Return the length of intervals, of an upper limit from zero on."""
    return sum((high or 0.0) - (low or 0.0) for low, high in intervals)


def _pairs(rows: Array) -> tuple[Interval, ...]:
    return tuple((float(a), float(b)) for a, b in rows)


def upper_limit(density: Density, level: float) -> Credible:
    """Return the value below which `level` of the probability lies."""
    end, error = quantile(density, level)
    return Credible(((None, end),), ((None, error),))


def quantile(density: Density, level: float) -> tuple[float, float]:
    """Return the value below which `level` of the probability lies, and its error."""
    t, p = density.smooth, density.density
    below = density.cumulative() / density.cumulative()[-1]
    place = int(np.clip(np.searchsorted(below, level) - 1, 0, len(t) - 2))
    missing, step = level - below[place], t[place + 1] - t[place]
    a, b = p[place], p[place + 1]
    # The density is linear within a step: solve a s + (b - a) s^2 / 2 = missing.
    root = np.sqrt(max(a * a + 2.0 * (b - a) * missing / step, 0.0))
    end = float(t[place] + min(2.0 * missing / max(a + root, 1e-300), step))
    height = max(float(interpolated(t, p, end)), 1e-300)
    error = density.total_error(integral(density, density.noise, t[0], end) / height)
    x, error = (np.exp(end), np.exp(end) * error) if density.log else (end, error)
    return float(x), float(error)


def density_of(
    sampled: Sampled, names: tuple[str, ...], parameter: Parameter, likelihood: Likelihood | None
) -> Density:
    """Return the posterior density of a parameter from draws of all `names`.

    With the likelihood that was sampled it is the average of conditional densities, with a fifth
    of the Monte Carlo error; without, a kernel estimate.
    """
    if likelihood is None or likelihood.route == "graph":
        draws = sampled.draws[..., names.index(parameter.name)]
        return from_points(draws, parameter.prior, effective=quality_of(draws[..., None]).ess_bulk)
    weights = None
    if sampled.modes and "mode" in sampled.statistics:
        weights = Weights(
            sampled.statistics["mode"].astype(np.intp),
            np.array([mode.weight for mode in sampled.modes]),
            np.array([mode.weight_error for mode in sampled.modes]),
        )
    return marginal_density(
        likelihood, sampled.draws, parameter.name, weights, max(DRAWS, sampled.draws[..., 0].size)
    )


def credible_limit(
    tree: xr.DataTree, parameter: Parameter, level: float, likelihood: Likelihood | None = None
) -> CredibleLimit:
    """Return the credible limit on a parameter from a saved posterior.

    Parameters
    ----------
    tree : DataTree
        As `bayesnu.sample` returns.
    parameter : Parameter
        A one-sided one gets the quantile at `level` as an upper limit, another one the
        highest-density region, which may be a union of intervals.
    likelihood : Likelihood, optional
        The one that was sampled; see `density_of`.
    """
    names = likelihood.names if likelihood else tuple(map(str, tree["posterior"].data_vars))
    return credible_from_draws(sampled_of(tree, names), names, parameter, level, likelihood)


def credible_from_draws(
    sampled: Sampled,
    names: tuple[str, ...],
    parameter: Parameter,
    level: float | Stated,
    likelihood: Likelihood | None = None,
    best: float | None = None,
) -> CredibleLimit:
    """Return the credible limit on a parameter from draws of all `names`; see `credible_limit`.

    Parameters
    ----------
    best : float, optional
        The smallest chi2 that is known: draws that are all far from it have missed a mode.
    """
    stated = Stated.of(level)

    def statement(part: Sampled) -> Credible:
        density = density_of(part, names, parameter, likelihood)
        return credible(density, parameter.one_sided, stated.level, stated.kind)

    draws = sampled.draws[..., names.index(parameter.name)]
    found = statement(sampled)
    quality = worst_quality(sampled)
    method = sampled.method
    if sampled.modes:
        weights = ", ".join(weight_text(mode) for mode in sampled.modes)
        modes = f"in each of {len(sampled.modes)} modes, weights {weights} by bridge sampling"
        method = f"{method} {modes}"
    missed = missed_by(likelihood, sampled, best)
    converged = is_converged(quality, sampled) and missed is None
    if not converged and found.bounded:
        # Draws that miss the best fit say nothing about how far off they are.
        errors = (
            ()
            if missed
            else errors_of_parts(
                sampled, found.intervals, found.errors, lambda part: statement(part).intervals
            )
        )
        found = replace(found, errors=errors)
    return CredibleLimit(
        prior=parameter.prior.words(parameter.name),
        kind=stated.kind_of(parameter.one_sided),
        chosen=stated.kind is not None,
        intervals=found.intervals,
        mean=float(draws.mean()),
        sd=float(draws.std()),
        r_hat=quality.r_hat,
        ess_bulk=quality.ess_bulk,
        divergences=int(sampled.statistics["diverging"].sum()),
        draws=int(draws.size),
        converged=converged,
        method=method,
        intervals_error=found.errors,
        ess_tail=quality.ess_tail,
        bounded=found.bounded,
        missed=missed,
        times_more=found.draws_needed(stated.accuracy or ACCURACY),
        notes=found.notes,
    )


def weight_text(mode: Mode) -> str:
    """Return the weight of a mode with no more digits than its error allows."""
    return number(mode.weight, mode.weight_error)


def worst_quality(sampled: Sampled) -> Quality:
    """Return the worst R-hat and ESS of all parameters; with several modes, of the worst mode."""
    if not sampled.modes:
        return quality_of(sampled.draws)
    return Quality(
        max(mode.r_hat for mode in sampled.modes),
        min(mode.ess_bulk for mode in sampled.modes),
        min(mode.ess_tail for mode in sampled.modes),
    )


def is_converged(quality: Quality, sampled: Sampled) -> bool:
    """Whether draws can be presented as a result."""
    divergent = float(np.mean(sampled.statistics["diverging"]))
    enough = min(quality.ess_bulk, quality.ess_tail) > ESS_LIMIT
    return bool(quality.r_hat < R_HAT_LIMIT and enough and divergent <= DIVERGENCE_LIMIT)


def missed_by(likelihood: Likelihood | None, sampled: Sampled, best: float | None) -> float | None:
    """Return by how much the smallest chi2 is below that of all draws, where this is too much.

    A mode that was sampled by itself and found to weigh nothing is not missed.
    """
    if likelihood is None or best is None:
        return None
    from scipy.special import chdtri

    known = [float(likelihood.chi2(likelihood.point(mode.best))) for mode in sampled.modes]
    flat = sampled.draws.reshape(-1, sampled.draws.shape[-1])
    closest = min([float(likelihood.chi2(flat).min()), *known]) - best
    return closest if closest > float(chdtri(flat.shape[-1], MISSED)) else None
