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
from bayesnu.model.beam_moments import PHASES, SIZES, oscillation_parameters
from bayesnu.model.nuisances.oscillation import ANGLES, DELTA
from bayesnu.physics.moments.beams import beam_by_name
from bayesnu.physics.moments.effective import effective_moment
from bayesnu.physics.moments.matrices import majorana
from bayesnu.physics.moments.mixing import mixing_matrix
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
        phi_3 and, if they were fitted, the pulls of the mixing angles and delta_cp; or what
        `bayesnu.sample` returns.
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
    present = [name for name in SIZES if name in values]
    phases = [name for name in PHASES if name is not None]
    missing = [name for name in phases if name not in values]
    if len(present) > 1 and missing and set(beams) != {"solar"}:
        raise InputError("draws", "phases", found=f"no {', '.join(missing)}", expected="draws")
    shape = np.broadcast_shapes(*(array.shape for array in values.values()))
    zero = np.zeros(shape)
    first, second, third = (
        values.get(size, zero) * np.exp(1j * (values.get(phase, zero) if phase else zero))
        for size, phase in zip(SIZES, PHASES, strict=True)
    )
    matrix = majorana(first, second, third)
    parameters = pulled(entry, values)
    mixing = mixing_matrix(parameters)
    return {
        name: np.asarray(effective_moment(matrix, beam_by_name(name, parameters), mixing))
        for name in beams
    }


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
    wanted = [*SIZES, *(p for p in PHASES if p), *(f"pull_{name}" for name in ANGLES), DELTA]
    tree: Any = draws
    # A DataTree is a mapping too; only it has groups.
    source = tree["posterior"].to_dataset() if "posterior" in tree else tree
    return {name: np.asarray(source[name], dtype=float) for name in wanted if name in source}
