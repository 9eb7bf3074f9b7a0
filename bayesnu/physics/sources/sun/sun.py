"""The sun in the treatment of an experiment file: fluxes, and flux moments by state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bayesnu.errors import InputError
from bayesnu.files.tables import Table
from bayesnu.physics.cross_sections.electroweak import FLAVOURS
from bayesnu.physics.source import COHERENCES, MASS_STATES, Basis, Norm, SourceOptions
from bayesnu.physics.sources.sun import nights, oscillation
from bayesnu.physics.sources.sun.coherence import density_matrix
from bayesnu.physics.sources.sun.flux_moments import flux_density, flux_moments
from bayesnu.physics.sources.sun.fluxes import solar_fluxes
from bayesnu.physics.sources.sun.mass_states import mass_state_chances, mass_state_moments
from bayesnu.physics.sources.sun.spectra import COMPONENTS, line_energies
from bayesnu.physics.sources.sun.weighted import with_cosine
from bayesnu.physics.treatment import Neutrinos
from bayesnu.types import Array


@dataclass(frozen=True)
class Sun:
    """Solar neutrinos as they arrive, for one treatment: a `bayesnu.physics.source.Source`.

    Attributes
    ----------
    flux : dict
        cm-2 s-1 by component.
    relative_sigma : dict
        By component.
    """

    flux: dict[str, float]
    relative_sigma: dict[str, float]
    parameters: oscillation.OscillationParameters
    treatment: Neutrinos
    label: str = "solar_nu"

    @property
    def breaks(self) -> tuple[float, ...]:
        """Lines of all components, so that a choice of components changes no grid."""
        return tuple(energy for name in COMPONENTS for energy in line_energies(name))

    def norm(self, component: str) -> Norm:
        """Return what is known of a component's flux, or of all of them together."""
        common = self.treatment.common_flux_sigma
        if common is not None:
            return Norm("flux_solar", common)
        return Norm(f"flux_{component}", self.relative_sigma[component])

    def states(self, basis: Basis) -> tuple[str, ...]:
        """Return what arrives from the sun: neutrinos."""
        if basis == "density":
            return (*FLAVOURS, *COHERENCES)
        return FLAVOURS if basis == "flavour" else MASS_STATES

    def lines(self, component: str) -> tuple[float, ...]:
        """Return the energies of a component's lines, MeV."""
        return line_energies(component)

    def moments(self, component: str, threshold: Array, basis: Basis) -> dict[str, Array]:
        """Return the flux moments above a threshold by state, for unit flux."""
        if self.treatment.earth is not None:
            return nights.moments(component, threshold, basis, self.parameters, self.treatment)
        if basis == "flavour":
            return flavour_moments(component, threshold, self)
        treatment = self.treatment
        found = mass_state_moments(
            component, threshold, self.parameters, treatment.survival, treatment.flux_model
        )
        return density_matrix(found, self.parameters) if basis == "density" else found

    def density(self, component: str, energy: Array, basis: Basis) -> dict[str, Array]:
        """Return the flux outside of lines by state, MeV^-1 for unit flux, shape of `energy`."""
        flux, p, model = flux_density(component, energy), self.parameters, self.treatment.flux_model
        if self.treatment.earth is not None:
            chances = nights.chances(component, energy, basis, p, self.treatment)
            return {state: flux * chance for state, chance in chances.items()}
        low = self.treatment.survival == "low-energy"
        if basis == "flavour":
            electron = (
                oscillation.survival_low_energy(p)
                if low
                else (oscillation.survival_interpolator(component, p, model)(energy))
            )
            chances = oscillation.flavour_probabilities(electron, p)._asdict()
        else:
            chances = mass_state_chances(component, energy, p, self.treatment.survival, model)
            if basis == "density":
                chances = density_matrix(chances, p)
        return {state: flux * chance for state, chance in chances.items()}


class SunOptions(SourceOptions):
    """The sun; how its neutrinos are treated stands under `neutrinos`."""

    kind: Literal["sun"] = "sun"

    def arriving(self, treatment: Neutrinos, tables: Mapping[str, Table], **changes: Any) -> Sun:
        """Return solar neutrinos at the Earth."""
        return sun(treatment, **changes)


def sun(treatment: Neutrinos, **changes: Any) -> Sun:
    """Return the sun in the treatment of an experiment file.

    Parameters
    ----------
    **changes : float or tensor
        Oscillation parameters to change, for derivatives, or because they are variables.

    Raises
    ------
    InputError
        If new interactions are to act in matter, and the treatment has no matter effects.
    """
    if treatment.earth is not None:
        nights.check(treatment, changes)
    if "potential" in changes and treatment.survival == "low-energy":
        raise InputError(
            "neutrinos",
            "survival",
            found='"low-energy", without matter effects, beside interactions in propagation',
            expected='survival = "msw" under [neutrinos], in a file that extends this one',
        )
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
        "delta_cp": entry.delta_cp,
    } | changes
    return Sun(flux, sigma, oscillation.OscillationParameters(**values), treatment)


def flavour_moments(component: str, threshold: Array, source: Sun) -> dict[str, Array]:
    """Return the flux moments of each flavour at the Earth, for unit flux.

    Parameters
    ----------
    threshold : ndarray, shape (n,)
        Smallest neutrino energy, MeV.

    Returns
    -------
    dict of str to ndarray, shape (4, n)
        For 1, 1/E, 1/E^2 and ln E; tensors where oscillation parameters are.
    """
    total = flux_moments(component, threshold)
    p = source.parameters
    if source.treatment.survival == "low-energy":
        electron = oscillation.survival_low_energy(p) * total
    elif not p.are_numbers:
        total, cosine = with_cosine(component, threshold, p, source.treatment.flux_model)
        averaged = 0.5 * (total + (1.0 - 2.0 * p.sin2_theta12) * cosine)
        electron = averaged * (1.0 - p.sin2_theta13) ** 2 + p.sin2_theta13**2 * total
    else:
        survival = oscillation.survival_interpolator(component, p, source.treatment.flux_model)
        electron = flux_moments(component, threshold, survival)
    other = total - electron
    return {
        "e": electron,
        "mu": (1.0 - p.sin2_theta23) * other,
        "tau": p.sin2_theta23 * other,
    }
