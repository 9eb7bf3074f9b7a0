"""Experiment + signal -> expected counts of solar neutrinos.

For each flux component, dR/dT = N_atoms Phi sum_flavours sum_n c_n(T) M_n(E_min(T)), and the
counts are response @ dR/dT. The flux moments M_n are computed once for an experiment; what
remains is arithmetic on the recoil grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bayesnu.constants import ELECTRON_MASS_KEV, SECONDS_PER_YEAR, XENON_ATOMS_PER_TONNE
from bayesnu.cross_sections.kinematics import minimum_energy
from bayesnu.electroweak import FLAVOURS
from bayesnu.experiment import Experiment
from bayesnu.schema import Neutrinos
from bayesnu.signals.base import Signal, StandardModel
from bayesnu.solar import oscillation
from bayesnu.solar.fluxes import solar_fluxes
from bayesnu.solar.moments import flux_moments
from bayesnu.targets import Electrons, electrons

Array = NDArray[np.float64]

OSCILLATION_NUISANCES = ("sin2_theta12", "sin2_theta13", "sin2_theta23")


@dataclass(frozen=True)
class Sun:
    """Solar neutrinos as they arrive, for one treatment.

    Attributes
    ----------
    flux : dict
        cm-2 s-1 by component.
    relative_sigma : dict
        By component.
    parameters : OscillationParameters
    treatment : Neutrinos
    """

    flux: dict[str, float]
    relative_sigma: dict[str, float]
    parameters: oscillation.OscillationParameters
    treatment: Neutrinos


def sun(treatment: Neutrinos, **changes: float) -> Sun:
    """Return the sun in the treatment of an experiment file.

    Parameters
    ----------
    treatment : Neutrinos
    **changes : float
        Oscillation parameters to change, for derivatives.
    """
    model = solar_fluxes(treatment.flux_model)
    flux: dict[str, float] = {
        name: treatment.flux.get(name, model[name].value) for name in treatment.components
    }
    sigma: dict[str, float] = {
        name: treatment.flux_sigma.get(name, model[name].relative_sigma)
        for name in treatment.components
    }
    entry = treatment.oscillation
    values = {
        "sin2_theta12": entry.sin2_theta12,
        "sin2_theta13": entry.sin2_theta13,
        "sin2_theta23": entry.sin2_theta23,
        "dm2_21_eV2": entry.dm2_21_eV2,
    } | changes
    return Sun(flux, sigma, oscillation.OscillationParameters(**values), treatment)


def flavour_moments(component: str, threshold: Array, source: Sun) -> dict[str, Array]:
    """Return the flux moments of each flavour at the Earth, for unit flux.

    Parameters
    ----------
    component : str
    threshold : ndarray, shape (n,)
        Smallest neutrino energy, MeV.
    source : Sun

    Returns
    -------
    dict of str to ndarray, shape (4, n)
        For 1, 1/E, 1/E^2 and ln E.
    """
    total = flux_moments(component, threshold)
    p = source.parameters
    if source.treatment.survival == "low-energy":
        electron = oscillation.survival_low_energy(p) * total
    else:
        survival = oscillation.survival_interpolator(component, p, source.treatment.flux_model)
        electron = flux_moments(component, threshold, survival)
    other = total - electron
    return {
        "e": electron,
        "mu": (1.0 - p.sin2_theta23) * other,
        "tau": p.sin2_theta23 * other,
    }


class SolarRate:
    """The solar-neutrino counts of an experiment, for any signal and parameter values.

    Parameters
    ----------
    experiment : Experiment
    changes : float
        Oscillation parameters to change, for derivatives.
    """

    def __init__(self, experiment: Experiment, **changes: float) -> None:
        self.experiment = experiment
        self.sun = sun(experiment.neutrinos, **changes)
        self.electrons: Electrons = electrons(experiment.grid.energy, experiment.neutrinos)
        threshold = minimum_energy(experiment.grid.energy, ELECTRON_MASS_KEV)
        self._moments = {
            component: flavour_moments(component, threshold, self.sun)
            for component in self.sun.flux
        }

    def spectrum(self, signal: Signal, values: Mapping[str, float]) -> dict[str, Array]:
        """Return dR/dT on the recoil grid by flux component, before the detector.

        Parameters
        ----------
        signal : Signal
        values : mapping
            Parameters in their O(1) units; those not named are zero.

        Returns
        -------
        dict of str to ndarray, shape (nodes,)
            Events / (t yr keV).
        """
        physical = signal.physical(values)
        result = {}
        processes = {f: signal.on_electrons(self.electrons, f, physical) for f in FLAVOURS}
        for component, flux in self.sun.flux.items():
            rate = np.zeros_like(self.experiment.grid.energy)
            for flavour in FLAVOURS:
                for process in processes[flavour]:
                    moments = (
                        self._moments[component][flavour]
                        if process.minimum_energy is None
                        else flavour_moments(component, process.minimum_energy, self.sun)[flavour]
                    )
                    rate = rate + process.coefficients.fold(moments)
            result[component] = XENON_ATOMS_PER_TONNE * SECONDS_PER_YEAR * flux * rate
        return result

    def counts(self, signal: Signal, values: Mapping[str, float]) -> dict[str, Array]:
        """Return expected counts per bin by flux component, shape (bins,) each."""
        return {
            component: self.experiment.response @ rate
            for component, rate in self.spectrum(signal, values).items()
        }


@lru_cache(maxsize=64)
def solar_rate(experiment: Experiment, **changes: float) -> SolarRate:
    """Return the (cached) solar rate of an experiment."""
    return SolarRate(experiment, **changes)


def standard_model_counts(experiment: Experiment) -> Array:
    """Return the Standard-Model solar-neutrino counts, shape (bins,)."""
    counts = solar_rate(experiment).counts(StandardModel(), {})
    return np.sum(list(counts.values()), axis=0)


Monomial = tuple[str, ...]
"""A product of parameters, sorted by name: () is 1, ("q_ee", "q_ee") is q_ee^2."""


def polynomial(
    rate: SolarRate, signal: Signal, free: Sequence[str], fixed: Mapping[str, float]
) -> dict[str, dict[Monomial, Array]]:
    """Return the counts as an exact polynomial in the free parameters.

    The same formulas are evaluated at a few points and the coefficients solved for: exact,
    because the counts are polynomials of known degree.

    Parameters
    ----------
    rate : SolarRate
    signal : Signal
    free : sequence of str
        Parameters that stay variables.
    fixed : mapping
        Values of the others, in O(1) units.

    Returns
    -------
    dict of str to dict of Monomial to ndarray, shape (bins,)
        By flux component; monomials that vanish are left out.
    """
    monomials = _monomials(tuple(free), signal.degree)
    probes = np.array([signal.parameter(name).probe for name in free])
    points = _points(len(free), monomials, free) * probes
    design = np.array([[_value(m, free, x / probes) for m in monomials] for x in points])
    samples: dict[str, list[Array]] = {component: [] for component in rate.sun.flux}
    for x in points:
        values = dict(fixed) | dict(zip(free, map(float, x), strict=True))
        for component, counts in rate.counts(signal, values).items():
            samples[component].append(counts)
    result: dict[str, dict[Monomial, Array]] = {}
    for component, rows in samples.items():
        solution = np.linalg.solve(design, np.array(rows))
        size = np.abs(solution).max()
        result[component] = {
            monomial: coefficient / _value(monomial, free, probes)
            for monomial, coefficient in zip(monomials, solution, strict=True)
            if np.abs(coefficient).max() > 1e-12 * size
        }
    return result


def _monomials(free: tuple[str, ...], degree: int) -> list[Monomial]:
    monomials: list[Monomial] = [()]
    frontier: list[Monomial] = [()]
    for _ in range(degree):
        frontier = sorted({tuple(sorted((*m, name))) for m in frontier for name in free})
        monomials += frontier
    return monomials


def _value(monomial: Monomial, free: Sequence[str], x: Array) -> float:
    index = {name: i for i, name in enumerate(free)}
    return float(np.prod([x[index[name]] for name in monomial]))


def _points(count: int, monomials: list[Monomial], free: Sequence[str]) -> Array:
    """Return as many points as monomials, well conditioned: one on each monomial's lattice site.

    A monomial p^a q^b sits at (t_a, t_b) with t = 0, 1, -1, 2, -2, ...: the interpolation
    problem on such a lower set is always solvable.
    """
    ladder = [0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0]
    return np.array([[ladder[m.count(name)] for name in free] for m in monomials]).reshape(
        len(monomials), count
    )
