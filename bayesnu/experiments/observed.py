"""Observed counts: event lists and binned tables brought to the bins of an experiment."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr

from bayesnu.errors import InputError
from bayesnu.experiments.format.observed import Binning, Observed
from bayesnu.files.tables import Table
from bayesnu.types import Array

ROUNDING = 2e-3
"""Tables print their bin edges rounded (16.333 for 49/3): tolerance in widths of a bin."""


ON_EDGE = 1e-6
"""An energy closer to an edge than this, in widths of the narrowest bin, lies on it: 0.3 keV and
the third of edges at 0.1 keV differ by a rounding of the computer's."""


def bin_edges(runs: tuple[Binning, ...]) -> Array:
    """Return the edges of adjacent runs of bins, shape (bins + 1,), keV."""
    parts = []
    for run in runs:
        if run.width_keV is not None:
            count = round((run.high_keV - run.low_keV) / run.width_keV)
            parts.append(np.linspace(run.low_keV, run.high_keV, count + 1))
        else:
            assert run.logarithmic is not None
            parts.append(np.geomspace(run.low_keV, run.high_keV, run.logarithmic + 1))
    return np.concatenate([parts[0][:1], *(part[1:] for part in parts)])


SIGMA_COLUMN = "sigma"
"""Of a table of counts: their Gaussian errors."""


def read_sigma(
    path: Path, entries: tuple[Observed, ...], edges: Array, table: Callable[[str], Table]
) -> Array:
    """Return the Gaussian errors in every bin, from the tables of counts.

    Raises
    ------
    InputError
        If an error is not positive.
    """

    def squared(source: Table, column: str) -> Array:
        values = source.column(SIGMA_COLUMN, minimum=0.0)
        if not values.all():
            raise InputError(source.path, SIGMA_COLUMN, found="0", expected="errors above zero")
        return values**2

    found = read_observed(path, entries, edges, table, squared)
    assert found is not None
    return np.sqrt(found)


Values = Callable[[Table, str], Array]
"""The values that are summed in bins, from a table and the column of its counts."""


def counts_of(source: Table, column: str) -> Array:
    """Return counts, which are not below zero."""
    return source.column(column, minimum=0.0)


def excess_of(source: Table, column: str) -> Array:
    """Return counts over a background that was subtracted."""
    return source.column(column)


def read_observed(
    path: Path,
    entries: tuple[Observed, ...],
    edges: Array,
    table: Callable[[str], Table],
    values: Values = counts_of,
) -> Array | None:
    """Return the counts in every bin, from event lists and binned tables; None if no data."""
    if not entries:
        return None
    counts = np.zeros(len(edges) - 1)
    filled = np.zeros(len(edges) - 1, dtype=bool)
    for entry in entries:
        in_range = (edges[:-1] >= entry.low_keV - 1e-9) & (edges[1:] <= entry.high_keV + 1e-9)
        if entry.events is not None:
            source = table(entry.events.table)
            energies = source.column(entry.events.column, minimum=0.0)
            found = bin_events(energies, edges)
        else:
            assert entry.counts is not None
            source = table(entry.counts)
            found, covered = rebin(source, values(source, entry.counts_column), edges)
            in_range &= covered
        if (filled & in_range).any():
            first = int(np.argmax(filled & in_range))
            raise InputError(
                path,
                "observed",
                found=f"two entries for the bin at {edges[first]:g} keV",
                expected="one (set low_keV and high_keV)",
            )
        counts = np.where(in_range, found, counts)
        filled |= in_range
    if not filled.all():
        first = int(np.argmin(filled))
        raise InputError(
            path,
            "observed",
            found=f"no counts for the bin {edges[first]:g}-{edges[first + 1]:g} keV",
            expected="counts in every bin",
        )
    return counts


def bin_events(energies: Array, edges: Array) -> Array:
    """Return how many energies lie in each bin.

    Bins hold their lower edge and not their upper one, the last bin too: what lies on the last
    edge is outside, as it would be in the first bin beyond.
    """
    slack = ON_EDGE * float(np.diff(edges).min())
    index = np.searchsorted(edges - slack, energies, side="right") - 1
    inside = (index >= 0) & (index < len(edges) - 1)
    return np.bincount(index[inside], minlength=len(edges) - 1).astype(float)


MOST_COUNTS = 1e9
"""In a bin: the square of more has lost the fraction of an event."""


def check_number(path: Path, counts: Array) -> None:
    """Refuse counts of a size that no experiment has.

    Raises
    ------
    InputError
        If a bin has more than `MOST_COUNTS`.
    """
    many = counts > MOST_COUNTS
    if many.any():
        first = int(np.argmax(many))
        raise InputError(
            path,
            "observed",
            found=f"{counts[first]:g} events in bin {first + 1}",
            expected=f"at most {MOST_COUNTS:g}",
        )


def check_whole(path: Path, counts: Array) -> None:
    """Refuse counts of a Poisson likelihood that nobody can have counted.

    Raises
    ------
    InputError
        If a count is no whole number.
    """
    broken = np.abs(counts - np.round(counts)) > 1e-6
    if broken.any():
        first = int(np.argmax(broken))
        raise InputError(
            path,
            "observed",
            found=f"{counts[first]:g} events in bin {first + 1}",
            expected='whole numbers, or likelihood = "gaussian"',
        )


def rebin(table: Table, values: Array, edges: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Sum values in the bins of a table into `edges`; also say which bins the table covers.

    A bin is covered if the table's own edges include both of its edges and leave no gap.
    """
    low = table.column("low_keV", minimum=0.0, ascending=True)
    high = table.column("high_keV", minimum=0.0, ascending=True)
    if (high <= low).any():
        row = int(np.argmax(high <= low))
        raise InputError(
            table.path, f"high_keV, row {row + 1}", found=f"{high[row]:g}", expected="> low_keV"
        )
    counts = np.zeros(len(edges) - 1)
    covered = np.zeros(len(edges) - 1, dtype=bool)
    for index, (a, b) in enumerate(itertools.pairwise(edges)):
        slack = ROUNDING * (b - a)
        inside = (low >= a - slack) & (high <= b + slack)
        counts[index] = values[inside].sum()
        covered[index] = abs((high[inside] - low[inside]).sum() - (b - a)) < 2.0 * slack
    return counts, covered


def binned(path: Path, key: str, source: Table, column: str, edges: Array) -> Array:
    """Return the counts of a table in bins; refuses tables that do not cover them."""
    counts, covered = rebin(source, counts_of(source, column), edges)
    if not covered.all():
        raise InputError(
            path,
            key,
            found=f"no entry for the bin at {edges[int(np.argmin(covered))]:g} keV",
            expected="a table that covers every bin",
        )
    return counts


def gaussian_errors(observed: Array, rule: str) -> Array:
    """Return Gaussian errors of counts.

    ``sqrt-n``: sqrt(n), 1 for an empty bin. ``garwood-mean``: half the width of the central
    68.27% Garwood interval, [chi2_{a/2}(2n)/2, chi2_{1-a/2}(2n+2)/2].
    """
    if rule == "sqrt-n":
        return np.sqrt(np.maximum(observed, 1.0))
    tail = float(ndtr(-1.0))
    low = np.where(observed > 0, gammaincinv(np.maximum(observed, 1e-9), tail), 0.0)
    high = gammaincinv(observed + 1.0, 1.0 - tail)
    return np.asarray(0.5 * (high - low))
