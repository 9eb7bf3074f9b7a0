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
    blocks = [block for experiment in experiments for block in _blocks(experiment)]
    names = [name for _, name, _ in blocks]
    for name in given:
        if name not in names:
            raise InputError(
                "observed",
                repr(name),
                found="no experiment of this fit",
                expected=" | ".join(names),
            )
    return np.concatenate([_counts(*block, given) for block in blocks])


def _blocks(experiment: Experiment) -> list[tuple[Experiment, str, Array | None]]:
    """Return the counts of an experiment's file by name: with the source, and without."""
    found = [(experiment, experiment.name, experiment.observed)]
    off = experiment.source_off
    return [*found, (experiment, off.name, off.observed)] if off else found


def _counts(
    experiment: Experiment, name: str, observed: Array | None, given: Mapping[str, Any]
) -> Array:
    if name in given:
        return _checked(experiment, name, given[name])
    if observed is None:
        raise InputError(
            experiment.path,
            "observed",
            found="no data (a projection)",
            expected="--asimov, or counts",
        )
    return np.asarray(observed, dtype=float)


def _checked(experiment: Experiment, name: str, given: Any) -> Array:
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
        repr(name),
        found=found,
        expected=f"{experiment.bins} counts, finite and at least 0",
    )
