"""Neutrinos of pions, and of muons after them, that decay at rest in a spallation target.

pi+ -> mu+ nu_mu is two-body: one line. mu+ -> e+ anti-nu_mu nu_e has the Michel spectra.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from bayesnu.errors import InputError
from bayesnu.files.entry import Finite, Identifier, NonNegative, Positive
from bayesnu.files.tables import Table
from bayesnu.physics.constants import (
    JOULE_PER_MEV,
    KEV_IN_MEV,
    MUON_MASS_KEV,
    PION_MASS_KEV,
    SECONDS_PER_YEAR,
)
from bayesnu.physics.source import Norm, SourceOptions
from bayesnu.physics.sources.flavours import Component, Flavours
from bayesnu.physics.sources.spectrum import Lines
from bayesnu.physics.treatment import Neutrinos
from bayesnu.types import Array

PROMPT, DELAYED = ("mu",), ("e", "anti_mu")
"""Flavours of pions, and of muons: one neutrino of each for every pion."""

PROMPT_MEV = (PION_MASS_KEV**2 - MUON_MASS_KEV**2) / (2 * PION_MASS_KEV) * KEV_IN_MEV
"""Energy of nu_mu from a pion at rest, 29.79 MeV."""
END_POINT_MEV = 0.5 * MUON_MASS_KEV * KEV_IN_MEV
"""Largest energy of neutrinos from a muon at rest, 52.83 MeV."""
PION_LIFETIME_US, MUON_LIFETIME_US = 0.026033, 2.1969811
"""Review of Particle Physics 2024."""


@dataclass(frozen=True)
class Michel:
    """A flux that is a E^2 + b E^3 up to `END_POINT_MEV`, with moments in closed form."""

    a: float
    b: float
    breaks: tuple[float, ...] = (END_POINT_MEV,)
    lines: tuple[float, ...] = ()

    def moments(self, threshold: Array) -> Array:
        """Return the moments above thresholds, shape (4, n)."""
        start = np.clip(threshold, 0.0, END_POINT_MEV)
        return self._integral(np.full_like(start, END_POINT_MEV)) - self._integral(start)

    def _integral(self, energy: Array) -> Array:
        """Return the antiderivatives that vanish at zero."""
        a, b = self.a, self.b
        logarithm = np.log(np.where(energy > 0.0, energy, 1.0))
        return np.stack(
            [
                a * energy**3 / 3 + b * energy**4 / 4,
                a * energy**2 / 2 + b * energy**3 / 3,
                a * energy + b * energy**2 / 2,
                a * energy**3 / 3 * (logarithm - 1 / 3) + b * energy**4 / 4 * (logarithm - 1 / 4),
            ]
        )


def muon_antineutrinos(flux: float) -> Michel:
    """Return anti-nu_mu of muons at rest: 64 x^2 (3/4 - x) per x = E / m_mu."""
    m = MUON_MASS_KEV * KEV_IN_MEV
    return Michel(48 * flux / m**3, -64 * flux / m**4)


def electron_neutrinos(flux: float) -> Michel:
    """Return nu_e of muons at rest: 192 x^2 (1/2 - x) per x = E / m_mu."""
    m = MUON_MASS_KEV * KEV_IN_MEV
    return Michel(96 * flux / m**3, -192 * flux / m**4)


class PionDecayAtRest(SourceOptions):
    """A spallation source: nu_mu of pions (`prompt`), anti-nu_mu and nu_e of muons (`delayed`).

    Protons are given by one of `protons_on_target`, those of the whole run with its length, and
    `power_MW`. Exposure is mass times the same time.
    """

    kind: Literal["pion-decay-at-rest"]
    name: Identifier = Field(
        description="of the beam: its norm is the nuisance `flux_NAME`, shared by its detectors"
    )
    distance_m: Positive
    neutrinos_per_proton: Positive = Field(description="of each of the three flavours")
    protons_on_target: Positive | None = Field(None, description="in `years`")
    years: Positive | None = Field(None, description="in which they came, 365.25 days each")
    power_MW: Positive | None = Field(None, description="mean power of the beam")
    proton_energy_GeV: Positive | None = Field(None, description="kinetic; with `power_MW`")
    relative_sigma: NonNegative = Field(0.1, description="of the norm; 0: known")
    pulse_centre_us: Finite = Field(0.0, description="mean arrival of the protons")
    pulse_sigma_us: Positive | None = Field(None, description="width of a pulse, Gaussian")

    @model_validator(mode="after")
    def _one_intensity(self) -> PionDecayAtRest:
        counted = (self.protons_on_target is None, self.years is None)
        powered = (self.power_MW is None, self.proton_energy_GeV is None)
        if counted[0] != counted[1] or powered[0] != powered[1] or counted[0] == powered[0]:
            raise ValueError(
                "give either protons_on_target and years, or power_MW and proton_energy_GeV"
            )
        return self

    def protons_per_s(self) -> float:
        """Return the mean over the time of the exposure."""
        if self.protons_on_target is not None and self.years is not None:
            return self.protons_on_target / (self.years * SECONDS_PER_YEAR)
        assert self.power_MW is not None and self.proton_energy_GeV is not None
        return self.power_MW * 1e6 / (self.proton_energy_GeV * 1e3 * JOULE_PER_MEV)

    def arriving(
        self, treatment: Neutrinos, tables: Mapping[str, Table], **changes: Any
    ) -> Flavours:
        """Return the beam at its distance, as from a point."""
        area = 4 * pi * (100 * self.distance_m) ** 2
        flux = self.neutrinos_per_proton * self.protons_per_s() / area
        norm = Norm(f"flux_{self.name}", self.relative_sigma)
        prompt = Lines(np.array([PROMPT_MEV]), np.array([flux]))
        muons = (electron_neutrinos(flux), muon_antineutrinos(flux))
        return Flavours(
            "beam_nu",
            {
                "prompt": Component(norm, dict(zip(PROMPT, (prompt,), strict=True))),
                "delayed": Component(norm, dict(zip(DELAYED, muons, strict=True))),
            },
        )

    def time_shares(self, component: str, edges: Array) -> Array:
        """Return the shares of a component that arrive in bins of time.

        Parameters
        ----------
        component : {"prompt", "delayed"}
        edges : ndarray, shape (bins + 1,)
            us.

        Returns
        -------
        ndarray, shape (bins,)
            A Gaussian pulse, convolved with the decays of pions, and of muons if `delayed`.
        """
        if self.pulse_sigma_us is None:
            raise InputError(
                "source", "pulse_sigma_us", found="nothing", expected="a width, for a time axis"
            )
        pions = _arrived(edges - self.pulse_centre_us, self.pulse_sigma_us, PION_LIFETIME_US)
        if component == "prompt":
            return np.diff(pions)
        muons = _arrived(edges - self.pulse_centre_us, self.pulse_sigma_us, MUON_LIFETIME_US)
        both = MUON_LIFETIME_US * muons - PION_LIFETIME_US * pions
        return np.diff(both) / (MUON_LIFETIME_US - PION_LIFETIME_US)


def _arrived(time: Array, sigma: float, lifetime: float) -> Array:
    """Return the share before a time, of a Gaussian at zero convolved with a decay."""
    # Loaded late, like in the likelihood: `bayesnu list` has no use for it.
    from scipy.special import log_ndtr, ndtr

    z, ratio = time / sigma, sigma / lifetime
    late = np.exp(0.5 * ratio**2 - time / lifetime + log_ndtr(z - ratio))
    return np.asarray(ndtr(z) - late)
