"""The posterior of every effective moment, from draws of the fundamental parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from bayesnu.errors import InputError
from bayesnu.inference.credible import upper_limit
from bayesnu.inference.point_density import from_points
from bayesnu.likelihood.priors import Prior
from bayesnu.model.beam_moments import oscillation_parameters
from bayesnu.model.nuisances.oscillation import ANGLES, DELTA
from bayesnu.physics.moments.beams import beam_by_name
from bayesnu.physics.moments.effective import effective_moment
from bayesnu.physics.moments.mixing import mixing_matrix
from bayesnu.physics.signals.dirac_moment import DiracMoment
from bayesnu.physics.signals.fundamental_moments import FundamentalMoments, moment_matrix
from bayesnu.physics.signals.transition_moment import TransitionMoment
from bayesnu.physics.sources.sun.oscillation import OscillationParameters
from bayesnu.physics.treatment import Oscillation
from bayesnu.types import Array

if TYPE_CHECKING:
    import xarray as xr


SIZE = Prior(low=0.0)
"""An effective moment has no negative values; its prior has no simple form."""

BEAM_NAMES = ("solar", "reactor", "accelerator")


def effective_moments(
    draws: Mapping[str, ArrayLike] | xr.DataTree,
    oscillation: Oscillation | None = None,
    beams: Sequence[str] = BEAM_NAMES,
) -> dict[str, Array]:
    """Return the effective moment of each beam for every draw.

    Parameters
    ----------
    draws : mapping of str to array_like, or DataTree
        Lambda_1, Lambda_2, Lambda_3 (those that were held at zero may be missing), phi_1,
        phi_3, or the lambda_ki and phi_ki of Dirac neutrinos; and, if they were fitted, the pulls
        of the mixing angles and delta_cp; or what `bayesnu.sample` returns.
    oscillation : Oscillation, optional
        Centres and widths behind the pulls: of the fit's experiments; defaults if left out.

    Returns
    -------
    dict of str to ndarray, shape of the draws
        1e-11 mu_B, by beam.

    Raises
    ------
    InputError
        If two moments were fitted without their phases, which a beam of known phases sees.
    """
    values = _values(draws)
    entry = oscillation or Oscillation()
    signal = _signal(values)
    missing = _missing_phases(signal, values)
    if missing and set(beams) != {"solar"}:
        raise InputError("draws", "phases", found=f"no {', '.join(missing)}", expected="draws")
    matrix = moment_matrix(signal, values)
    parameters = pulled(entry, values)
    mixing = mixing_matrix(parameters)
    return {
        name: np.asarray(effective_moment(matrix, beam_by_name(name, parameters), mixing))
        for name in beams
    }


def _signal(values: Mapping[str, Array]) -> FundamentalMoments:
    """Return whose parameters they are."""
    names = {size for vector in DiracMoment.vectors for size, _ in vector}
    return DiracMoment() if names & values.keys() else TransitionMoment()


def _missing_phases(signal: FundamentalMoments, values: Mapping[str, Array]) -> list[str]:
    """Return the phases without which moments that were fitted together have no sum."""
    found: list[str] = []
    for vector in signal.vectors:
        if sum(size in values for size, _ in vector) > 1:
            found += [phase for _, phase in vector if phase is not None and phase not in values]
    return found


def pulled(centres: Oscillation, values: Mapping[str, Array]) -> OscillationParameters:
    """Return the oscillation parameters at values of their pulls and phase, where there are any."""
    changes: dict[str, Any] = {DELTA: values[DELTA]} if DELTA in values else {}
    for name in ANGLES:
        if f"pull_{name}" in values:
            moved = getattr(centres, f"sigma_{name}") * values[f"pull_{name}"]
            # The linear pulls can leave [0, 1] only many sigma away.
            changes[name] = np.clip(getattr(centres, name) + moved, 0.0, 1.0)
    return oscillation_parameters(centres, **changes)


def upper_limits(
    draws: Mapping[str, ArrayLike] | xr.DataTree,
    level: float = 0.9,
    oscillation: Oscillation | None = None,
    beams: Sequence[str] = BEAM_NAMES,
) -> dict[str, float]:
    """Return the credible upper limit on each effective moment, 1e-11 mu_B.

    The prior is that of the fundamental parameters; it is not flat in an effective moment.
    """
    found = effective_moments(draws, oscillation, beams)
    limits = {}
    for name, values in found.items():
        at_most = upper_limit(from_points(values, SIZE), level).intervals[0][1]
        assert at_most is not None
        limits[name] = at_most
    return limits


def _values(draws: Mapping[str, ArrayLike] | xr.DataTree) -> dict[str, Array]:
    names = [p.name for signal in (TransitionMoment, DiracMoment) for p in signal.parameters]
    wanted = [*names, *(f"pull_{name}" for name in ANGLES), DELTA]
    tree: Any = draws
    # A DataTree is a mapping too; only it has groups.
    source = tree["posterior"].to_dataset() if "posterior" in tree else tree
    return {name: np.asarray(source[name], dtype=float) for name in wanted if name in source}
