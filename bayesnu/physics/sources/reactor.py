"""Antineutrinos of a reactor: fissions per second times antineutrinos per fission."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import pi
from typing import Any, Literal

import numpy as np
from pydantic import Field, field_validator

from bayesnu.files.entry import Fraction, Identifier, NonNegative, Positive
from bayesnu.files.tables import Table, read_table
from bayesnu.physics.constants import JOULE_PER_MEV
from bayesnu.physics.source import Norm, SourceOptions
from bayesnu.physics.sources.flavours import Component, Flavours
from bayesnu.physics.sources.spectrum import LOWEST_ENERGY_MEV, Continuous, Function
from bayesnu.physics.treatment import Neutrinos
from bayesnu.types import Array

Isotope = Literal["u235", "u238", "pu239", "pu241"]
ISOTOPES: tuple[Isotope, ...] = ("u235", "u238", "pu239", "pu241")

FLAVOURS = ("anti_e",)
"""What fission products decay to."""

BETA_THRESHOLD_MEV = 1.8
"""Below, inverse beta decay sees nothing and spectra are calculated alone."""

FISSIONS, HUBER, MUELLER = "reactor/fissions.csv", "reactor/huber.csv", "reactor/mueller_u238.csv"
BESTIOLE, KOPEIKIN = "reactor/bestiole.csv", "reactor/kopeikin.csv"


def typical_fractions() -> dict[Isotope, float]:
    """Return the shares of fissions in a light-water reactor, averaged over a cycle."""
    shares = read_table(FISSIONS).column("share")
    return dict(zip(ISOTOPES, map(float, shares), strict=True))


class Reactor(SourceOptions):
    """A power reactor as a point, with the tables of antineutrinos per fission that are named.

    After a capture in 238U two antineutrinos follow, of 239U and 239Np, below 1.3 MeV.
    """

    kind: Literal["reactor"]
    name: Identifier = Field(
        description="of the reactor: its norm is the nuisance `flux_NAME`, shared by its detectors"
    )
    thermal_power_GW: Positive = Field(description="mean over the exposure")
    distance_m: Positive
    fission_fractions: dict[Isotope, Fraction] = Field(
        default_factory=typical_fractions,
        description="shares of the fissions: u235, u238, pu239, pu241; they sum to one",
    )
    captures_per_fission: NonNegative = Field(0.6, description="of neutrons in 238U")
    above: Literal["huber-mueller", "bestiole"] = Field(
        "huber-mueller", description="spectra above 1.8 MeV"
    )
    below: Literal["bestiole", "kopeikin"] = Field(
        "bestiole", description="spectra below 1.8 MeV; Kopeikin's has captures in it"
    )
    relative_sigma: NonNegative = Field(0.03, description="of the norm; 0: known")

    @field_validator("fission_fractions")
    @classmethod
    def _whole(cls, value: dict[Isotope, float]) -> dict[Isotope, float]:
        if abs(sum(value.values()) - 1.0) > 1e-6:
            raise ValueError("shares that sum to one")
        return value

    def tables(self) -> tuple[str, ...]:
        """Return the packaged tables that are read."""
        chosen = (HUBER, MUELLER) if self.above == "huber-mueller" else ()
        return (FISSIONS, BESTIOLE, *chosen, *((KOPEIKIN,) if self.below == "kopeikin" else ()))

    def fissions_per_s(self) -> float:
        """Return the power over the mean energy of a fission."""
        energy = dict(zip(ISOTOPES, read_table(FISSIONS).column("energy_MeV"), strict=True))
        mean = sum(share * energy[i] for i, share in self.fission_fractions.items())
        return self.thermal_power_GW * 1e9 / (float(mean) * JOULE_PER_MEV)

    def arriving(
        self, treatment: Neutrinos, tables: Mapping[str, Table], **changes: Any
    ) -> Flavours:
        """Return electron antineutrinos at the distance."""
        area = 4 * pi * (100 * self.distance_m) ** 2
        scale = self.fissions_per_s() / area
        parts = [
            (scale * share, per_fission(isotope, self.above))
            for isotope, share in self.fission_fractions.items()
        ]
        captures = [
            (scale * self.captures_per_fission, _linear(BESTIOLE, f"{product}_per_MeV"))
            for product in ("u239", "np239")
        ]
        whole = (scale, _linear(KOPEIKIN, "total_per_MeV"))

        def density(energy: Array) -> Array:
            low = [whole] if self.below == "kopeikin" else [*parts, *captures]
            summed = (sum(factor * f(energy) for factor, f in those) for those in (low, parts))
            return np.where(energy < BETA_THRESHOLD_MEV, *summed)

        knots = np.unique(
            np.concatenate(
                [[LOWEST_ENERGY_MEV, BETA_THRESHOLD_MEV]]
                + [read_table(n).column("energy_MeV") for n in self.tables() if n != FISSIONS]
            )
        )
        spectrum = Continuous(knots, density)
        norm = Norm(f"flux_{self.name}", self.relative_sigma)
        return Flavours(
            "reactor_nu", {"reactor": Component(norm, dict.fromkeys(FLAVOURS, spectrum))}
        )


@lru_cache(maxsize=16)
def per_fission(isotope: Isotope, above: str) -> Function:
    """Return antineutrinos per fission and MeV.

    Below 1.8 MeV, and above the end of the other tables, those of BESTIOLE.
    """
    summation = _linear(BESTIOLE, f"{isotope}_per_MeV")
    if above == "bestiole":
        return summation
    table = read_table(MUELLER if isotope == "u238" else HUBER)
    energy = table.column("energy_MeV", ascending=True)
    # They fall by powers of ten: logarithms are nearly straight between rows of 250 keV.
    logarithm = np.log(table.column(f"{isotope}_per_MeV"))

    def function(at: Array) -> Array:
        converted = np.exp(np.interp(at, energy, logarithm))
        inside = (at >= BETA_THRESHOLD_MEV) & (at <= energy[-1])
        return np.where(inside, converted, summation(at))

    return function


def _linear(name: str, column: str) -> Function:
    """Return a column, linear between rows, constant below the first and zero above the last."""
    table = read_table(name)
    energy, values = table.column("energy_MeV", ascending=True), table.column(column, minimum=0.0)

    def function(at: Array) -> Array:
        return np.interp(at, energy, values, right=0.0)

    return function
