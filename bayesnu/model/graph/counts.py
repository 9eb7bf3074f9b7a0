"""The counts of one experiment as a tensor: cross sections, folded with flux and response.

Flux components, states, isotopes, response terms and the products of nuisances are axes of arrays:
the graph has as many nodes for two components as for eight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import Factors
from bayesnu.model.graph.rows import Combination, Row
from bayesnu.model.rate import RecoilRate, folded, moments_of, recoil_rate
from bayesnu.physics.cross_sections.kinematics import minimum_energy
from bayesnu.physics.signals.base import Signal
from bayesnu.physics.source import Basis
from bayesnu.physics.targets.target import Electrons, Nucleus
from bayesnu.types import Array

Target = Electrons | Nucleus


@dataclass(frozen=True)
class Spectra:
    """What a model shows on the way from cross sections to counts.

    Attributes
    ----------
    energy : ndarray, shape (nodes,)
        Recoil energy, keV.
    cross_section : array or tensor, shape (components, nodes)
        cm2 / keV per atom: dsigma/dT, averaged over the flux of each component that arrives.
    rate : array or tensor, shape (nodes,)
        Events / (t yr keV) of all components, with their nuisances.
    """

    energy: Array
    cross_section: Any
    rate: Any


class SourceCounts:
    """The counts of a source's neutrinos in one experiment.

    Parameters
    ----------
    terms : sequence of (row of factors, Combination)
        What nuisances have made of the parts.
    values : mapping
        Of the signal's parameters, in O(1) units: numbers, or tensors where they are variables.
    """

    def __init__(
        self,
        experiment: Experiment,
        signal: Signal,
        values: Mapping[str, Any],
        terms: Sequence[tuple[NDArray[np.int64], Combination]],
    ) -> None:
        self.signal, self.physical = signal, signal.physical(values)
        self.factors = np.array([factors for factors, _ in terms])
        rows = list(dict.fromkeys(row for _, found in terms for row in found.rows))
        held = {name: value for name, value in values.items() if isinstance(value, float | int)}
        self.rates: list[RecoilRate] = [
            recoil_rate(experiment, **dict(changes)).resolving(signal, held)
            for changes in sorted(
                dict.fromkeys(row.changes for row in rows), key=lambda own: "atomic" in dict(own)
            )
        ]
        self.experiment = self.rates[0].experiment
        self.response_factors: tuple[Factors, ...] = self.rates[0].factors
        self._weights = self._linear(terms, rows)

    def _linear(
        self, terms: Sequence[tuple[NDArray[np.int64], Combination]], rows: Sequence[Row]
    ) -> Array:
        """Return what takes products of factors to weights, (terms, spectra x response factors)."""
        spectra = [
            (tuple(rate.changes.items()), component)
            for rate in self.rates
            for component in rate.source.flux
        ]
        count = len(self.response_factors)
        matrix = np.zeros((len(terms), len(spectra) * count))
        place = {
            row: spectra.index((row.changes, row.component)) * count
            + self.response_factors.index(row.response)
            for row in rows
        }
        for index, (_, found) in enumerate(terms):
            for row, number in found.rows.items():
                matrix[index, place[row]] += number
        return matrix

    @cached_property
    def per_t_yr(self) -> Array:
        """Of each spectrum; see `RecoilRate.per_t_yr`."""
        return np.concatenate([rate.per_t_yr for rate in self.rates])

    def expected(self, products: Any) -> tuple[Any, Spectra]:
        """Return the counts of all bins, and the spectra behind those of the channel's own target.

        Parameters
        ----------
        products : array or tensor, shape (terms,)
            Of the factors of each term.
        """
        count = len(self.response_factors)
        weights = (products @ self._weights).reshape((len(self.per_t_yr), count))
        total: Any = 0.0
        shown: Spectra | None = None
        for which, response in enumerate(self.experiment.responses):
            section = self.cross_sections(which)
            rates = self.per_t_yr[:, None] * section
            own = [self.response_factors.index(factors) for factors in response.terms]
            weighted = weights[:, own].T @ rates
            matrix = np.concatenate(list(response.terms.values()), axis=1)
            total = total + matrix @ weighted.flatten()
            if shown is None:
                nominal = len(self.rates[0].source.flux)
                shown = Spectra(response.grid.energy, section[:nominal], weighted[own.index(0)])
        assert shown is not None
        return total * self.rates[0].correction, shown

    def cross_sections(self, which: int) -> Any:
        """Return dsigma/dT per atom for unit flux, cm2 / keV, shape (spectra, nodes)."""
        sections = [
            self._cross_sections(which, list(rates))
            for _, rates in groupby(self.rates, key=lambda rate: rate.changes.get("atomic"))
        ]
        if len(sections) == 1:
            return sections[0]
        import pytensor.tensor as pt

        return pt.concatenate([pt.as_tensor_variable(section) for section in sections])

    def _cross_sections(self, which: int, rates: Sequence[RecoilRate]) -> Any:
        """Return those of rates that have the same targets."""
        targets = stacked(rates[0].targets[which])
        elastic: dict[tuple[int, Basis], dict[str, Array]] = {}

        def moments(index: int, basis: Basis, threshold: Any) -> Mapping[str, Any]:
            if threshold is not None:
                return _moments(rates, np.asarray(threshold, dtype=float), basis)
            if (index, basis) not in elastic:
                target = targets[index]
                lowest = minimum_energy(target.recoil_energy, target.mass)
                elastic[index, basis] = _moments(rates, lowest, basis)
            return elastic[index, basis]

        return folded(self.signal, targets, self.physical, moments)


def _moments(rates: Sequence[RecoilRate], threshold: Array, basis: Basis) -> dict[str, Array]:
    """Return moments of all spectra by state, shape (4, spectra, *threshold.shape)."""
    found = [moments_of(rate.source, threshold, basis) for rate in rates]
    return {state: np.concatenate([of[state] for of in found], axis=1) for state in found[0]}


def stacked(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return one target, in which isotopes are the last axis but one of arrays."""
    if len(targets) == 1:
        return tuple(targets)
    nuclei = [target for target in targets if isinstance(target, Nucleus)]

    def column(name: str) -> Any:
        return np.array([np.atleast_1d(getattr(nucleus, name)) for nucleus in nuclei])

    names = ("recoil_energy", "abundance", "z", "n", "mass", "weak_charge", "form_factor_squared")
    return (Nucleus(**{name: column(name) for name in names}),)
