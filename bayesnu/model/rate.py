"""Experiment + signal -> expected counts of the neutrinos of its source.

For each flux component, dR/dT = N_units Phi sum_flavours sum_n c_n(T) M_n(E_min(T)), summed
over the atoms or isotopes of a formula unit, and the counts are response @ dR/dT. The flux
moments M_n are computed once for an experiment; what remains is arithmetic on the recoil grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import Factors
from bayesnu.physics.constants import SECONDS_PER_YEAR
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS
from bayesnu.physics.cross_sections.kinematics import minimum_energy
from bayesnu.physics.signals.base import Process, Signal, StandardModel, Values
from bayesnu.physics.signals.process import as_seen_by
from bayesnu.physics.source import COHERENCES, Basis, Source
from bayesnu.physics.targets.target import Electrons, Nucleus, scatterers
from bayesnu.types import Array


class RecoilRate:
    """The neutrino counts of an experiment, for any signal and parameter values.

    Parameters
    ----------
    changes : float or str
        Oscillation parameters to change, for derivatives; ``atomic``, another atomic treatment.

    Attributes
    ----------
    oscillation : dict
        Those of the changes that are changes of the source.
    factors : tuple of Factors
        Products of response nuisances that the counts are expanded in; () comes first.
    correction : ndarray, shape (bins,), or 1
        Factor on all counts that brings the Standard Model to the published counts.
    """

    def __init__(self, experiment: Experiment, **changes: Any) -> None:
        self.experiment = experiment
        self.changes = changes
        treatment = experiment.neutrinos
        if "atomic" in changes:
            treatment = treatment.model_copy(update={"atomic": changes["atomic"]})
        self.oscillation = {name: value for name, value in changes.items() if name != "atomic"}
        self.source = experiment.source(**self.oscillation)
        self.factors: tuple[Factors, ...] = experiment.response_factors
        self.targets = [
            scatterers(response.target, response.grid.energy, treatment, experiment.material)
            for response in experiment.responses
        ]
        self._elastic: dict[tuple[Basis, int, int], dict[str, Array]] = {}
        self.correction: Array | float = 1.0
        if experiment.standard_model is not None:
            nominal = recoil_rate(experiment) if changes else self
            self.correction = nominal.correction if changes else self._match_standard_model()

    def spectrum(
        self, signal: Signal, values: Mapping[str, float], which: int = 0
    ) -> dict[str, Array]:
        """Return dR/dT on the recoil grid by flux component, before the detector.

        Parameters
        ----------
        values : mapping
            Parameters in their O(1) units; those not named are zero.
        which : int
            Which of the experiment's responses, for the recoils of which target.

        Returns
        -------
        dict of str to ndarray, shape (nodes,)
            Events / (t yr keV).
        """
        rates = self.rates(signal, signal.physical(values), which)
        return dict(zip(self.source.flux, rates, strict=True))

    def rates(self, signal: Signal, physical: Values, which: int = 0) -> Array:
        """Return dR/dT of all flux components, events / (t yr keV), shape (components, nodes).

        Parameters
        ----------
        physical : mapping
            Plain units, as `Signal.physical` returns.
        """
        known: dict[tuple[int, Basis, bytes], dict[str, Array]] = {}

        def moments(index: int, basis: Basis, threshold: Any) -> dict[str, Array]:
            if threshold is None:
                return self._elastic_moments(basis, which, index)
            # Flavours mostly share a threshold; its moments are the costly part.
            threshold = np.asarray(threshold, dtype=float)
            key = (index, basis, threshold.tobytes())
            if key not in known:
                known[key] = moments_of(self.source, threshold, basis)
            return known[key]

        total = folded(signal, self.targets[which], physical, self.source, moments)
        return np.asarray(self.per_t_yr(signal, physical)[:, None] * total)

    def per_t_yr(self, signal: Signal, physical: Values) -> Any:
        """Return what turns a cross section per formula unit, folded with unit flux, into a rate.

        Array, or tensor if a flux is one, of shape (components,).
        """
        flux = np.array(list(self.source.flux.values()))
        unit = self.experiment.material.units_per_tonne * SECONDS_PER_YEAR
        return unit * flux * _stacked([signal.flux_factor(c, physical) for c in self.source.flux])

    def _elastic_moments(self, basis: Basis, which: int, index: int) -> dict[str, Array]:
        """Return the moments above the threshold of elastic scattering, computed once."""
        key = (basis, which, index)
        if key not in self._elastic:
            target = self.targets[which][index]
            threshold = minimum_energy(target.recoil_energy, target.mass)
            self._elastic[key] = moments_of(self.source, threshold, basis)
        return self._elastic[key]

    def counts(self, signal: Signal, values: Mapping[str, float]) -> dict[str, Array]:
        """Return expected counts per bin by flux component, shape (bins,) each."""
        return {name: terms[0] for name, terms in self.count_terms(signal, values).items()}

    def count_terms(self, signal: Signal, values: Mapping[str, float]) -> dict[str, Array]:
        """Return the terms of the counts by flux component, shape (len(factors), bins) each."""
        rate = self.propagating(signal, values).resolving(signal, values)
        return rate._count_terms(signal, values)

    def propagating(self, signal: Signal, values: Mapping[str, float]) -> RecoilRate:
        """Return the rate of the neutrinos that arrive where the signal acts on their way too."""
        if not signal.propagates or not self.experiment.sees_sun:
            return self
        changes = signal.source_changes(signal.physical(values))
        return recoil_rate(self.experiment, **{**self.changes, **changes})

    def resolving(self, signal: Signal, values: Mapping[str, float]) -> RecoilRate:
        """Return the rate on a grid with cell edges where the signal moves the ends of lines to."""
        ends = self._line_end_points(signal, values)
        if not any(ends):
            return self
        return recoil_rate(_split(self.experiment, ends), **self.changes)

    def _count_terms(self, signal: Signal, values: Mapping[str, float]) -> dict[str, Array]:
        total: dict[str, Array] = {}
        for which, response in enumerate(self.experiment.responses):
            for component, rate in self.spectrum(signal, values, which).items():
                terms = np.zeros((len(self.factors), self.experiment.bins))
                for factors, matrix in response.terms.items():
                    terms[self.factors.index(factors)] = matrix @ rate
                terms *= self.experiment.arrival.get(component, 1.0)
                total[component] = total.get(component, 0.0) + terms
        return {component: terms * self.correction for component, terms in total.items()}

    def _line_end_points(
        self, signal: Signal, values: Mapping[str, float]
    ) -> tuple[tuple[float, ...], ...]:
        """Return for each response where the signal moves the ends of lines to, keV."""
        physical = signal.physical(values)
        source = self.source
        lines = [energy for component in source.flux for energy in source.lines(component)]
        return tuple(
            tuple(
                end
                for target in targets
                for line in lines
                for end in signal.line_end_points(line, target.mass, physical)
            )
            for targets in self.targets
        )

    def _match_standard_model(self) -> Array:
        """Return published over calculated Standard-Model counts, shape (bins,)."""
        experiment = self.experiment
        published = experiment.standard_model
        assert published is not None
        reference = getattr(experiment.file, "standard_model_flux", {})
        ours = np.zeros(experiment.bins)
        for component, counts in self.counts(StandardModel(), {}).items():
            flux = self.source.flux[component]
            ours = ours + counts * (reference.get(component, flux) / flux)
        if (published[ours <= 0.0] > 0.0).any():
            raise InputError(
                experiment.path,
                "standard_model",
                found="counts in a bin that the response never fills",
                expected="none there",
            )
        return np.asarray(published / np.where(ours > 0.0, ours, 1.0))


def processes_on(
    signal: Signal, target: Electrons | Nucleus, state: str, physical: Values
) -> tuple[Process, ...]:
    """Return what a flavour, of neutrinos or antineutrinos, does to a target."""
    if isinstance(target, Electrons):
        return signal.on_electrons(target, state, physical)
    return signal.on_nucleus(target, state, physical)


def _processes(
    signal: Signal, target: Electrons | Nucleus, physical: Values, source: Source
) -> Iterator[tuple[Basis, str, Process]]:
    """Yield what each state that arrives does to a target."""
    for state in source.states("flavour"):
        found = processes_on(signal, target, state, physical)
        yield from (("flavour", state, process) for process in found)
    if signal.sees_mass_states:
        for state in source.states("mass"):
            found = (
                signal.electrons_of_mass_state(target, state, physical)
                if isinstance(target, Electrons)
                else signal.nucleus_of_mass_state(target, state, physical)
            )
            yield from (("mass", state, process) for process in found)
    if signal.sees_density_matrix:
        for state in source.states("density"):
            found = _of_element(signal, target, state, physical)
            yield from (("density", state, process) for process in found)


def _of_element(
    signal: Signal, target: Electrons | Nucleus, state: str, physical: Values
) -> tuple[Process, ...]:
    """Return what an element of the density matrix adds on a target."""
    flavour = ANTINEUTRINOS.get(state, state)
    element = COHERENCES.get(state, ("Re", flavour, flavour))
    found = (
        signal.electrons_of_element(target, element, physical)
        if isinstance(target, Electrons)
        else signal.nucleus_of_element(target, element, physical)
    )
    return as_seen_by(state, found, target)


Moments = Callable[[int, Basis, Any], Mapping[str, Any]]
"""Number of a target, basis and threshold (None: elastic) -> moments by state, (4, ..., nodes)."""


def folded(
    signal: Signal,
    targets: Sequence[Electrons | Nucleus],
    physical: Values,
    source: Source,
    moments: Moments,
) -> Any:
    """Return sum_states sum_n c_n M_n of all targets per formula unit, cm2 / keV for unit flux.

    Parameters
    ----------
    targets : sequence
        Each a target, or isotopes stacked along the last axis but one.
    physical : mapping
        Numbers or tensors: what is returned is an array, or a tensor if one of them is.

    Returns
    -------
    array or tensor, shape (..., nodes)
        As the moments have it: one row a flux component.
    """
    total: Any = 0.0
    for index, target in enumerate(targets):
        for basis, state, process in _processes(signal, target, physical, source):
            found = moments(index, basis, process.minimum_energy)[state]
            rate = target.abundance * process.coefficients.fold(found)
            stacked = np.ndim(target.recoil_energy) > 1
            total = total + (rate.sum(axis=-2) if stacked else rate)
    return total


def moments_of(source: Source, threshold: Array, basis: Basis) -> dict[str, Any]:
    """Return the moments of all components by state, shape (4, components, *threshold.shape).

    Arrays, or tensors if oscillation parameters of the source are variables.
    """
    flat = threshold.ravel()
    found = [source.moments(component, flat, basis) for component in source.flux]
    shape = (4, len(found), *threshold.shape)
    return {state: _stacked([of[state] for of in found], 1).reshape(shape) for state in found[0]}


def _stacked(parts: Sequence[Any], axis: int = 0) -> Any:
    if all(isinstance(part, np.ndarray | float) for part in parts):
        return np.stack(parts, axis=axis)
    import pytensor.tensor as pt

    return pt.stack(parts, axis=axis)


@lru_cache(maxsize=64)
def recoil_rate(experiment: Experiment, **changes: Any) -> RecoilRate:
    """Return the (cached) rate of an experiment."""
    return RecoilRate(experiment, **changes)


@lru_cache(maxsize=16)
def _split(experiment: Experiment, ends: tuple[tuple[float, ...], ...]) -> Experiment:
    """Return an experiment whose responses have cell edges at the ends of lines."""
    own = experiment.responses
    split = tuple(response.split(points) for response, points in zip(own, ends, strict=True))
    changed = any(new is not old for new, old in zip(split, own, strict=True))
    return replace(experiment, responses=split) if changed else experiment


def standard_model_counts(experiment: Experiment) -> Array:
    """Return the Standard-Model neutrino counts, shape (bins,)."""
    counts = recoil_rate(experiment).counts(StandardModel(), {})
    return np.sum(list(counts.values()), axis=0)
