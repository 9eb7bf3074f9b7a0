"""The counts that a fit is compared with: the files', or those that are given instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.types import Array


def observed_counts(experiments: Sequence[Experiment], given: Mapping[str, Any]) -> Array:
    """Return the counts of all bins, experiment after experiment, shape (bins,).

    Parameters
    ----------
    given : mapping
        Counts by experiment name, instead of the file's (needed for projections).

    Raises
    ------
    InputError
        If counts are given for another experiment, are no non-negative number for each bin, or
        are neither given nor in the file.
    """
    names = [experiment.name for experiment in experiments]
    for name in given:
        if name not in names:
            raise InputError(
                "observed",
                repr(name),
                found="no experiment of this fit",
                expected=" | ".join(names),
            )
    return np.concatenate([_counts(experiment, given) for experiment in experiments])


def _counts(experiment: Experiment, given: Mapping[str, Any]) -> Array:
    if experiment.name in given:
        return _checked(experiment, given[experiment.name])
    if experiment.observed is None:
        raise InputError(
            experiment.path,
            "observed",
            found="no data (a projection)",
            expected="--asimov, or counts",
        )
    return np.asarray(experiment.observed, dtype=float)


def _checked(experiment: Experiment, given: Any) -> Array:
    try:
        counts = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        found = "something else than numbers"
    else:
        bad = np.flatnonzero(~(np.isfinite(counts) & (counts >= 0.0)).ravel())
        if counts.shape != (experiment.bins,):
            found = f"counts of shape {counts.shape}"
        elif len(bad):
            found = f"{counts[bad[0]]:g} in bin {bad[0]}"
        else:
            return counts
    raise InputError(
        "observed",
        repr(experiment.name),
        found=found,
        expected=f"{experiment.bins} counts, finite and at least 0",
    )
