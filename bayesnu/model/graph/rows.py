"""Parts of the counts whose templates are known only when the parameters are.

Nuisances act on parts by linear algebra: they multiply terms, and add differences of them. So they
can act on names of spectra, which are folded later, inside the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import Factors
from bayesnu.model.nuisances.nuisance import Part, Term


class Row(NamedTuple):
    """The counts of a component of the source, by one term of the response.

    Attributes
    ----------
    changes : tuple of (str, float or str)
        Oscillation parameters, or the atomic treatment, that are not those of the file.
    """

    changes: tuple[tuple[str, Any], ...]
    component: str
    response: Factors


@dataclass(frozen=True)
class Combination:
    """A sum of rows times numbers: it stands where an array of counts would."""

    rows: Mapping[Row, float]

    def __add__(self, other: Combination) -> Combination:
        total = dict(self.rows)
        for row, number in other.rows.items():
            total[row] = total.get(row, 0.0) + number
        return Combination(total)

    def __sub__(self, other: Combination) -> Combination:
        return self + (-1.0) * other

    def __mul__(self, factor: float) -> Combination:
        return Combination({row: factor * number for row, number in self.rows.items()})

    __rmul__ = __mul__

    def any(self) -> bool:
        """Return whether it can be anything but zero."""
        return any(self.rows.values())


def signal_parts(experiment: Experiment, inert: frozenset[str]) -> list[Part]:
    """Return one part for each component of the source.

    Parameters
    ----------
    inert : set of str
        Oscillation parameters that change nothing.
    """
    source = experiment.source()

    def terms(component: str, **changes: Any) -> tuple[Term, ...]:
        own = tuple((name, value) for name, value in changes.items() if name not in inert)
        rows = [Row(own, component, response) for response in experiment.response_factors]
        # Typed as an array: whatever kinds of nuisances do to one, they can do to this.
        return tuple(Term((), row.response, _as_counts(row)) for row in rows)

    return [
        Part(
            experiment,
            source.label,
            terms(component),
            flux=component,
            changed=partial(terms, component),
        )
        for component in source.flux
    ]


def combination(template: Any) -> Combination | None:
    """Return what stands where an array of counts would, if it is one."""
    return template if isinstance(template, Combination) else None


def _as_counts(row: Row) -> Any:
    return Combination({row: 1.0})
