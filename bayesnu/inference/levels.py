"""Profiles and regions of two parameters at confidence levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bayesnu.inference.contour import POINTS, contour
from bayesnu.inference.profile import profile
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.threshold import threshold
from bayesnu.results.curve import Profile
from bayesnu.results.region import Contour
from bayesnu.types import Progress


def profile_at(
    likelihood: Likelihood,
    parameter: str,
    level: float,
    dof: int = 1,
    progress: Progress | None = None,
) -> Profile:
    """Return a Delta chi2 profile, with the intervals at a level."""
    cut = threshold(level, dof)
    return with_level(profile(likelihood, parameter, cut=cut, progress=progress), level, dof)


def with_level(found: Profile, level: float, dof: int = 1) -> Profile:
    """Return a profile with the intervals at a level."""
    cut = threshold(level, dof)
    below, notes = found.intervals(cut), found.notes_at(cut)
    return replace(found, level=level, dof=dof, threshold=cut, below=below, notes=notes)


def contour_at(
    likelihood: Likelihood,
    parameters: tuple[str, str],
    levels: Sequence[float],
    dof: int = 2,
    *,
    points: int = POINTS,
    progress: Progress | None = None,
) -> Contour:
    """Return a Delta chi2 map that encloses the regions at some levels."""
    cuts = tuple(threshold(level, dof) for level in levels)
    found = contour(likelihood, *parameters, cuts=cuts, points=points, progress=progress)
    return replace(found, levels=tuple(levels), dof=dof)
