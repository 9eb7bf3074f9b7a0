"""Intervals whose cut is calibrated by toys at every true value (Feldman and Cousins).

G. Feldman and R. Cousins, Phys. Rev. D 57 (1998) 3873, with the nuisances fitted to the data
at each value (profile construction). At a boundary, as for a magnetic moment near zero, the
usual cut covers too much; the calibrated one covers what it says.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from scipy.optimize import brentq

from bayesnu.campaigns.coverage import toys
from bayesnu.campaigns.running import Running, kept_in
from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.curve import Profile
from bayesnu.results.limit import CalibratedLimit
from bayesnu.types import Array, Interval

if TYPE_CHECKING:
    from bayesnu.analyses.limit import LimitRun


VALUES = 9
"""True values at which the cut is calibrated; between them it is interpolated."""

FEWEST_TOYS = 50

BEYOND = 2.0
"""The calibration reaches to where Delta chi2 is so many times the usual cut."""


def calibrated_limit(
    likelihood: Likelihood,
    curve: Profile,
    *,
    level: float,
    cut: float,
    number: int = 500,
    **how: Unpack[Running],
) -> CalibratedLimit:
    """Return where Delta chi2 of the data is below a cut that covers `level`, by toys.

    Parameters
    ----------
    curve : Profile
        Of the data; 1 dof.
    cut : float
        The usual one, which says where to look.
    number : int
        Toys at each of `VALUES` true values.
    **how
        As of `run_campaign`.

    Raises
    ------
    InputError
        If there are fewer than `FEWEST_TOYS` toys.
    ComputationError
        If the interval reaches beyond the values that were calibrated, or (`Interrupted`) not
        all toys were made.
    """
    check_number(number)
    values = calibrated_values(curve, cut)
    found = toys(
        likelihood, curve.parameter, values.tolist(), number, level=level, method="test", **how
    )
    if not found.fits.complete:
        kept = "kept, and the same command continues" if how.get("out") is not None else "not kept"
        raise Interrupted(
            f"Interrupted after {len(found.fits.index)} of {found.fits.wanted} toys ({kept}); "
            "there is no calibrated limit."
        )
    cuts = np.array([point.calibrated_cut for point in found.points], dtype=float)
    errors = np.array([point.calibrated_cut_error for point in found.points], dtype=float)
    return CalibratedLimit(
        toys=number,
        values=tuple(map(float, values)),
        cuts=tuple(map(float, cuts)),
        cut_errors=tuple(map(float, errors)),
        intervals=below(curve, values, cuts),
    )


def calibrated_values(curve: Profile, cut: float) -> Array:
    """Return where the cut is calibrated: from before to after what `BEYOND` usual cuts allow."""
    near = np.flatnonzero(curve.delta_chi2 <= BEYOND * cut)
    first, last = max(near[0] - 1, 0), min(near[-1] + 1, len(curve.values) - 1)
    return np.linspace(curve.values[first], curve.values[last], VALUES)


def check_number(number: int) -> None:
    """Refuse too few toys."""
    if number < FEWEST_TOYS:
        raise InputError("--calibrated", "toys", found=number, expected=f"at least {FEWEST_TOYS}")


def check_calibrated(number: int, dof: int, method: str) -> None:
    """Refuse a calibration that cannot be made, before anything is computed."""
    check_number(number)
    if dof != 1 or method == "posterior":
        raise InputError(
            "--calibrated",
            "statement",
            found=f"--method {method} --dof {dof}",
            expected="--method profile or both, --dof 1",
        )


def with_calibrated_cut(
    run: LimitRun, number: int, *, keep: Path | None = None, **how: Unpack[Running]
) -> LimitRun:
    """Return a limit with the calibrated statement added.

    Parameters
    ----------
    run : LimitRun
        With a profile of 1 dof.
    number : int
        Toys at each true value.
    keep : Path, optional
        The toys are kept in a folder inside, named after what they depend on, and used again.
    **how
        As of `run_campaign`.
    """
    frequentist = run.limit.frequentist
    if run.profile is None or frequentist is None or frequentist.dof != 1:
        raise InputError(
            "--calibrated", "profile", found="none of 1 dof", expected="--dof 1, a profile"
        )
    how |= kept_in(keep, run.likelihood, run.limit.level, how.get("seed", 1))
    found = calibrated_limit(
        run.likelihood,
        run.profile,
        level=run.limit.level,
        cut=frequentist.threshold,
        number=number,
        **how,
    )
    return replace(run, limit=replace(run.limit, calibrated=found))


def below(curve: Profile, values: Array, cuts: Array) -> tuple[Interval, ...]:
    """Return where the profile is below the interpolated cut."""

    def excess(x: float) -> float:
        return curve.at(x) - float(np.interp(x, values, cuts))

    inside = (curve.values >= values[0]) & (curve.values <= values[-1])
    grid = np.union1d(curve.values[inside], values)
    below = np.array([excess(float(x)) <= 0.0 for x in grid])
    result: list[Interval] = []
    for start in np.flatnonzero(below & ~np.append(False, below[:-1])):
        end = start
        while end + 1 < len(grid) and below[end + 1]:
            end += 1
        low = _edge(excess, curve, grid, int(start), -1)
        high = _edge(excess, curve, grid, int(end), 1)
        result.append((low, high))
    return tuple(result)


def _edge(excess: Any, curve: Profile, grid: Array, at: int, step: int) -> float | None:
    """Return where the excess changes its sign next to a grid point; None at the range's end."""
    outside = at + step
    if 0 <= outside < len(grid):
        return float(brentq(excess, grid[at], grid[outside], xtol=1e-9 * np.ptp(grid)))
    bound = curve.lower_bound if step < 0 else curve.upper_bound
    if grid[at] == bound:
        return None
    raise ComputationError(
        f"The calibrated interval of {curve.parameter} reaches beyond {grid[at]:g}, up to where "
        "cuts were calibrated; more toys may help."
    )
