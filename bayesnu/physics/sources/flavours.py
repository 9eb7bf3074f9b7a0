"""Neutrinos that arrive with the flavours they were made with: all sources near by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bayesnu.errors import InputError
from bayesnu.physics.source import STATES, Basis, Norm
from bayesnu.physics.sources.spectrum import Spectrum
from bayesnu.types import Array


@dataclass(frozen=True, eq=False)
class Component:
    """A part of the flux, of which only the size is uncertain.

    Attributes
    ----------
    spectra : mapping of str to Spectrum
        By state, flux in cm-2 s-1.
    """

    norm: Norm
    spectra: Mapping[str, Spectrum]


@dataclass(frozen=True, eq=False)
class Flavours:
    """A `bayesnu.physics.source.Source` of neutrinos that have not oscillated.

    Reactors and beams are metres away, where the three known neutrinos keep their flavour.
    """

    label: str
    components: Mapping[str, Component]

    @cached_property
    def flux(self) -> dict[str, float]:
        """cm-2 s-1 by component, all states together."""
        nothing = np.zeros(1)
        return {
            name: sum(float(s.moments(nothing)[0, 0]) for s in component.spectra.values())
            for name, component in self.components.items()
        }

    @property
    def breaks(self) -> tuple[float, ...]:
        """Lines and ends of all spectra."""
        all_spectra = [s for c in self.components.values() for s in c.spectra.values()]
        return tuple(sorted({energy for s in all_spectra for energy in s.breaks}))

    def norm(self, component: str) -> Norm:
        """Return what is known of a component's size."""
        return self.components[component].norm

    def states(self, basis: Basis) -> tuple[str, ...]:
        """Return the flavours of all components, in their usual order."""
        self._refuse_mass_states(basis)
        present = {state for c in self.components.values() for state in c.spectra}
        return tuple(state for state in STATES[basis] if state in present)

    def lines(self, component: str) -> tuple[float, ...]:
        """Return the lines of a component, MeV."""
        spectra = self.components[component].spectra.values()
        return tuple(sorted({energy for s in spectra for energy in s.lines}))

    def moments(self, component: str, threshold: Array, basis: Basis) -> dict[str, Array]:
        """Return the moments of a component of unit flux, by state."""
        spectra, flux = self.components[component].spectra, self.flux[component]
        return {
            state: spectra[state].moments(threshold) / flux
            if state in spectra
            else np.zeros((4, len(threshold)))
            for state in self.states(basis)
        }

    def _refuse_mass_states(self, basis: Basis) -> None:
        if basis == "mass":
            raise InputError(
                "source",
                "signal",
                found="one of mass states, of which a flavour is a sum with phases",
                expected='one of flavours, or source = "sun"',
            )
