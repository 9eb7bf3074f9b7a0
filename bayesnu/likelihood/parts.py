"""The likelihood of each experiment of a combination, with its own copies of what all share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.factors import owners
from bayesnu.likelihood.likelihood import Likelihood


def parts_of(likelihood: Likelihood) -> tuple[Likelihood, ...]:
    """Return the likelihood of each experiment alone, in their order.

    Priors, ranges and nuisances are those of the combination. A part has the parameters that move
    its counts: what several experiments share, each of their parts has with its own pull.
    """
    groups: list[list[Bins]] = []
    for bins in likelihood.stack:
        if bins.control and groups:
            groups[-1].append(bins)
        else:
            groups.append([bins])
    return tuple(of_bins(likelihood, group) for group in groups)


def without(likelihood: Likelihood, experiment: str) -> Likelihood:
    """Return the likelihood of all experiments but one."""
    kept, leaves = [], False
    for bins in likelihood.stack:
        leaves = bins.experiment == experiment or (bins.control and leaves)
        if not leaves:
            kept.append(bins)
    return of_bins(likelihood, kept)


def of_bins(likelihood: Likelihood, kept: Sequence[Bins]) -> Likelihood:
    """Return the likelihood of some of the bins, and of the parameters that move these."""
    columns = np.concatenate([np.arange(bins.part.start, bins.part.stop) for bins in kept])
    templates = likelihood.templates[:, columns]
    rows = np.flatnonzero(templates.any(axis=1))
    left = likelihood.with_fixed(dict.fromkeys(_unused(likelihood, rows), 0.0))
    stack, start = [], 0
    for bins in kept:
        stop = start + bins.part.stop - bins.part.start
        stack.append(replace(bins, part=slice(start, stop)))
        start = stop
    named = {bins.experiment for bins in kept}
    known = likelihood.provenance.get("experiments", {})
    digests = {k: v for k, v in known.items() if k in named} if isinstance(known, dict) else known
    return replace(
        left,
        factors=left.factors[rows],
        templates=left.templates[np.ix_(rows, columns)],
        labels=tuple(likelihood.labels[row] for row in rows),
        observed=likelihood.observed[columns],
        sigma=likelihood.sigma[columns],
        stack=tuple(stack),
        provenance={**likelihood.provenance, "experiments": digests},
        origin=None,
        held=likelihood.held,
    )


def _unused(likelihood: Likelihood, rows: NDArray[np.intp]) -> list[str]:
    """Return the parameters that are in none of some rows."""
    count = len(likelihood.parameters)
    used = set(owners(count)[likelihood.factors[rows]].ravel().tolist())
    return [name for index, name in enumerate(likelihood.names) if index not in used]
