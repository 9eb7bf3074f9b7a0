"""The counts of one experiment as a tensor: cross sections, folded with flux and response.

Flux components, states, isotopes, response terms and the products of nuisances are axes of arrays:
the graph has as many nodes for two components as for eight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import Factors
from bayesnu.model.graph.rows import Combination, Row
from bayesnu.model.graph.tensors import concatenated, is_tensor
from bayesnu.model.graph.threshold import LineCounts, MovingMoments
from bayesnu.model.rate import RecoilRate, folded, moments_of, processes_on, recoil_rate
from bayesnu.physics.cross_sections.kinematics import maximum_recoil, minimum_energy
from bayesnu.physics.product import held, product
from bayesnu.physics.signals.base import Signal
from bayesnu.physics.source import Basis, Source
from bayesnu.physics.sources.sun.together import joined
from bayesnu.physics.targets.target import Electrons, Nucleus
from bayesnu.types import Array

Target = Electrons | Nucleus


@dataclass(frozen=True)
class Spectra:
    """What a model shows on the way from cross sections to counts.

    Attributes
    ----------
    components : tuple of str
        Of the source.
    energy : ndarray, shape (nodes,)
        Recoil energy, keV.
    cross_section : array or tensor, shape (components, nodes)
        cm2 / keV per formula unit of the target: dsigma/dT, averaged over the flux of each
        component that arrives.
    rate : array or tensor, shape (nodes,)
        Events / (t yr keV) of all components, with their nuisances.
    """

    components: tuple[str, ...]
    energy: Array
    cross_section: Any
    rate: Any


@dataclass(frozen=True)
class Values:
    """Of what counts depend on beside nuisances: numbers, or tensors where they are variables.

    Attributes
    ----------
    signal : mapping
        Parameters of the signal in O(1) units.
    mixing : mapping
        Oscillation parameters that are not those of the file, in its units.
    sin2_theta_w : tensor or None
        None: that of the file.
    """

    signal: Mapping[str, Any]
    mixing: Mapping[str, Any]
    sin2_theta_w: Any = None


@dataclass(frozen=True)
class Alike:
    """The sources whose neutrinos hit the same targets: with one treatment of atoms.

    Attributes
    ----------
    first : int
        Which of all spectra is their first.
    moving : dict
        Moments above thresholds that are variables, by basis, once they were asked for.
    """

    rates: tuple[RecoilRate, ...]
    sources: tuple[Source, ...]
    first: int
    moving: dict[Basis, MovingMoments] = field(default_factory=dict)


class SourceCounts:
    """The counts of a source's neutrinos in one experiment.

    Parameters
    ----------
    terms : sequence of (row of factors, Combination)
        What nuisances have made of the parts.
    """

    def __init__(
        self,
        experiment: Experiment,
        signal: Signal,
        values: Values,
        terms: Sequence[tuple[NDArray[np.int64], Combination]],
    ) -> None:
        self.signal, self.physical = signal, signal.physical(values.signal)
        self.sin2_theta_w = values.sin2_theta_w
        self.factors = np.array([factors for factors, _ in terms])
        rows = list(dict.fromkeys(row for _, found in terms for row in found.rows))
        held = {n: value for n, value in values.signal.items() if isinstance(value, float | int)}
        self.rates: list[RecoilRate] = [
            recoil_rate(experiment, **dict(changes)).resolving(signal, held)
            for changes in sorted(
                dict.fromkeys(row.changes for row in rows), key=lambda own: "atomic" in dict(own)
            )
        ]
        self.experiment = self.rates[0].experiment
        # Where mixing parameters are variables, no derivative by them is left among the changes.
        self.mixing = values.mixing
        changes = {**values.mixing, **self._on_their_way(experiment)}
        self.alike = list(_alike(experiment, self.rates, changes))
        self.response_factors: tuple[Factors, ...] = self.rates[0].factors
        self._weights = self._linear(terms, rows)

    def _on_their_way(self, experiment: Experiment) -> Mapping[str, Any]:
        """Return what the signal changes in the source."""
        acts = self.signal.propagates and experiment.sees_sun
        return self.signal.source_changes(self.physical) if acts else {}

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
    def per_t_yr(self) -> Any:
        """Of each spectrum; see `RecoilRate.per_t_yr`."""
        return concatenated([r.per_t_yr(self.signal, self.physical) for r in self.rates], axis=0)

    def expected(self, products: Any) -> tuple[Any, Spectra]:
        """Return the counts of all bins, and the spectra behind those of the channel's own target.

        Parameters
        ----------
        products : array or tensor, shape (terms,)
            Of the factors of each term.
        """
        count = len(self.response_factors)
        weights = (products @ self._weights).reshape((len(self._shares), count))
        total: Any = 0.0
        shown: Spectra | None = None
        for which, response in enumerate(self.experiment.responses):
            own = [self.response_factors.index(factors) for factors in response.terms]
            mine = weights[:, own] * self.per_t_yr[:, None]
            smooth = self.cross_sections(which, lines=self.mass is None)
            matrix = np.concatenate(list(response.terms.values()), axis=1)
            rate: Any = 0.0
            for share, spectra in self._arriving():
                # Written out: a product of two matrices takes long to compile, and a sum of many
                # vectors has more operands than one operation may have.
                weighted = (mine[spectra, :, None] * smooth[spectra, None, :]).sum(axis=0)
                total = total + share * (product(held(matrix), weighted.flatten()))
                rate = rate + weighted[own.index(0)]
            if self.mass is not None:
                total = total + sum(self._lines(which, alike, mine) for alike in self.alike)
            if shown is None:
                names = tuple(self.rates[0].source.flux)
                section = smooth
                if self.mass is not None:
                    section = self.cross_sections(which, lines=True)
                    rate = (mine[:, own.index(0), None] * section).sum(axis=0)
                shown = Spectra(names, response.grid.energy, section[: len(names)], rate)
        assert shown is not None
        return total * self.rates[0].correction, shown

    @cached_property
    def _shares(self) -> list[Array | float]:
        """What arrives of each spectrum in the bins."""
        arrival = self.experiment.arrival
        return [arrival.get(name, 1.0) for rate in self.rates for name in rate.source.flux]

    def _arriving(self) -> list[tuple[Array | float, Any]]:
        """Return shares in the bins, and the spectra that arrive so."""
        if not self.experiment.arrival:
            return [(1.0, slice(None))]
        known: dict[bytes, tuple[Array | float, list[int]]] = {}
        for index, share in enumerate(self._shares):
            known.setdefault(np.asarray(share).tobytes(), (share, []))[1].append(index)
        return list(known.values())

    @cached_property
    def mass(self) -> str | None:
        """The mass that is a variable and moves thresholds; None if there is none."""
        target = self.rates[0].targets[0][0]
        state = self.alike[0].sources[0].states("flavour")[0]
        found = processes_on(self.signal, target, state, self.physical)
        moving = any(is_tensor(process.minimum_energy) for process in found)
        shapes = [p.name for p in self.signal.parameters if p.shape]
        return next((n for n in shapes if is_tensor(self.physical[n])), None) if moving else None

    def _moving(self, alike: Alike, basis: Basis) -> MovingMoments:
        if basis not in alike.moving:
            if any(is_tensor(value) for value in self.mixing.values()):
                raise InputError(
                    f"signal {self.signal.tag}",
                    ", ".join(self.mixing),
                    found=f"free, together with {self.mass}, which moves thresholds",
                    expected="one of them held",
                )
            alike.moving[basis] = MovingMoments(alike.sources, basis)
        return alike.moving[basis]

    def _lines(self, which: int, alike: Alike, weights: Any) -> Any:
        """Return the counts of lines whose ends move, shape (bins,).

        Parameters
        ----------
        weights : tensor, shape (spectra, response factors)
        """
        response, total = self.experiment.responses[which], 0.0
        lines = self._moving(alike, "flavour").lines
        assert self.mass is not None
        mass = self.physical[self.mass]
        for target in self._weak(alike.rates[0].targets[which]):
            seen = [
                (place, line)
                for place, line in enumerate(lines)
                if maximum_recoil(line.energy, target.mass) > response.grid.energy[0]
            ]
            if not seen:
                continue
            places = [place for place, _ in seen]

            def moments(index: int, basis: Basis, threshold: Any) -> Mapping[str, Any]:
                of_lines = self._moving(alike, basis).of_lines
                # What is elastic has its lines among its own moments.
                share = 0.0 if threshold is None else 1.0
                return {s: share * m[:, places, None] for s, m in of_lines.items()}  # noqa: B023

            sections = folded(self.signal, (target,), self.physical, alike.sources[0], moments)
            for row, (_, line) in enumerate(seen):
                ends = partial(self._ends, line.energy, target.mass)
                counts = LineCounts(response, tuple(response.terms), ends)(sections[row], mass)
                spectrum = alike.first + line.spectrum
                total = total + self._shares[spectrum] * (weights[spectrum] @ counts)
        return total

    def _ends(self, energy: float, mass: float, value: float) -> tuple[float, ...]:
        """Return where a line begins and ends, keV, at a value of the mass of the signal."""
        known = {name: 0.0 for name in self.physical} | {str(self.mass): value}
        return self.signal.line_end_points(energy, mass, known)

    def _weak(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """Return targets with the weak couplings of the mixing angle, if that is a variable."""
        if self.sin2_theta_w is None:
            return tuple(targets)
        return tuple(target.at_mixing_angle(self.sin2_theta_w) for target in targets)

    def cross_sections(self, which: int, *, lines: bool) -> Any:
        """Return dsigma/dT per formula unit, cm2 / keV for unit flux, (spectra, nodes).

        Parameters
        ----------
        lines : bool
            With lines whose ends move, which jump from node to node, or without.
        """
        return concatenated(
            [self._cross_sections(which, alike, lines=lines) for alike in self.alike], axis=0
        )

    def _cross_sections(self, which: int, alike: Alike, *, lines: bool) -> Any:
        targets = self._weak(stacked(alike.rates[0].targets[which]))
        elastic: dict[tuple[int, Basis], dict[str, Any]] = {}

        def moments(index: int, basis: Basis, threshold: Any) -> Mapping[str, Any]:
            if is_tensor(threshold):
                return self._moving(alike, basis).at(threshold, lines=lines)
            if threshold is not None:
                return _moments(alike.sources, np.asarray(threshold, dtype=float), basis)
            if (index, basis) not in elastic:
                target = targets[index]
                lowest = minimum_energy(target.recoil_energy, target.mass)
                elastic[index, basis] = _moments(alike.sources, lowest, basis)
            return elastic[index, basis]

        return folded(self.signal, targets, self.physical, alike.sources[0], moments)


def _alike(
    experiment: Experiment, rates: Sequence[RecoilRate], mixing: Mapping[str, Any]
) -> Iterator[Alike]:
    first = 0
    for _, found in groupby(rates, key=lambda rate: rate.changes.get("atomic")):
        own = tuple(found)
        sources = tuple(experiment.source(**rate.oscillation, **mixing) for rate in own)
        yield Alike(own, sources, first)
        first += sum(len(source.flux) for source in sources)


def _moments(sources: Sequence[Source], threshold: Array, basis: Basis) -> dict[str, Any]:
    """Return moments of all spectra by state, shape (4, spectra, *threshold.shape)."""
    suns = joined(sources)
    if suns is not None:
        return suns.moments(threshold, basis)
    found = [moments_of(source, threshold, basis) for source in sources]
    return {state: concatenated([of[state] for of in found]) for state in found[0]}


def stacked(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return one target, in which isotopes are the last axis but one of arrays.

    Electrons of several elements stay apart.
    """
    nuclei = [target for target in targets if isinstance(target, Nucleus)]
    if len(nuclei) < 2:
        return tuple(targets)

    def column(name: str) -> Any:
        return np.array([np.atleast_1d(getattr(nucleus, name)) for nucleus in nuclei])

    names = ("recoil_energy", "abundance", "z", "n", "mass", "weak_charge", "form_factor_squared")
    return (replace(nuclei[0], **{name: column(name) for name in names}),)
