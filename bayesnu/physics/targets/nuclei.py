"""Nuclei: the natural isotopes of an element, and their average."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const
from bayesnu.physics.targets.material import elements

ISOTOPES = "elements/isotopes.csv"


@dataclass(frozen=True)
class Nucleus:
    """A nucleus as a target.

    Attributes
    ----------
    z : int
        Atomic number.
    a : float
        Mass number; not an integer for an average nucleus.
    mass : float
        Nuclear mass in keV.
    abundance : float
        Fraction of the element's atoms.
    """

    z: int
    a: float
    mass: float
    abundance: float = 1.0

    @property
    def n(self) -> float:
        """Number of neutrons."""
        return self.a - self.z


@lru_cache(maxsize=64)
def isotopes(symbol: str) -> tuple[Nucleus, ...]:
    """Return the natural isotopes of an element; their abundances sum to one."""
    table = read_table(ISOTOPES)
    names = ("mass_number", "mass_u", "abundance_percent")
    columns = [table.column(name).tolist() for name in names]
    own = [
        row
        for name, *row in zip(table.text_column("symbol"), *columns, strict=True)
        if name == symbol
    ]
    z = elements()[symbol].z
    total = sum(percent for _, _, percent in own)
    return tuple(
        Nucleus(
            z=z,
            a=number,
            mass=mass * const.ATOMIC_MASS_UNIT_KEV - z * const.ELECTRON_MASS_KEV,
            abundance=percent / total,
        )
        for number, mass, percent in own
    )


@lru_cache(maxsize=64)
def average(symbol: str) -> Nucleus:
    """Return the average nucleus of an element: for xenon, A = 131.3."""
    own = isotopes(symbol)
    return Nucleus(
        z=own[0].z,
        a=sum(isotope.abundance * isotope.a for isotope in own),
        mass=sum(isotope.abundance * isotope.mass for isotope in own),
    )
