"""A likelihood to first order in its Gaussian nuisances, for formats that know no products of them.

Counts of a component become N + sum_i (x_i - centre_i) dN/dx_i, times powers of the signal's
parameters and free norms, which stay as they are. Bends, and products of two nuisances, are of
second order and are left out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bayesnu.likelihood.likelihood import Likelihood, Parameter


def is_linear_nuisance(parameter: Parameter) -> bool:
    """Return whether a parameter is a Gaussian nuisance."""
    return parameter.role != "signal" and parameter.prior.is_gaussian


def linearised(likelihood: Likelihood) -> Likelihood:
    """Return the likelihood to first order in its Gaussian nuisances."""
    count = len(likelihood.parameters)
    nuisances = {i for i, p in enumerate(likelihood.parameters) if is_linear_nuisance(p)}
    bends = {3 * count + 1 + i for i in nuisances}
    centre = likelihood.centre
    rows: dict[tuple[tuple[str, str], tuple[int, ...]], np.ndarray] = {}

    def add(label: tuple[str, str], chosen: list[int], counts: np.ndarray) -> None:
        key = (label, tuple(sorted(chosen)))
        rows[key] = rows[key] + counts if key in rows else counts

    for label, factors, template in zip(
        likelihood.labels, likelihood.factors.tolist(), likelihood.templates, strict=True
    ):
        chosen = [f for f in factors if f != count]
        if bends & set(chosen):
            continue
        own = [f for f in chosen if f in nuisances]
        rest = [f for f in chosen if f not in nuisances]
        for place, factor in enumerate(own):
            slope = float(np.prod([centre[f] for f in own[:place] + own[place + 1 :]]))
            if slope:
                add(label, [*rest, factor], slope * template)
        constant = (1 - len(own)) * float(np.prod(centre[own]))
        if constant:
            add(label, rest, constant * template)
    order = max((len(chosen) for _, chosen in rows), default=1) or 1
    table = np.full((len(rows), order), count, dtype=np.int64)
    for row, (_, kept) in zip(table, rows, strict=True):
        row[: len(kept)] = kept
    return replace(
        likelihood,
        factors=table,
        templates=np.array(list(rows.values())),
        labels=tuple(label for label, _ in rows),
        provenance={**likelihood.provenance, "nuisances": "to first order"},
        origin=None,
    )
