"""The xenon nucleus: natural isotopes and their average."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bayesnu.physics import constants as const


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
        Fraction of atoms.
    """

    z: int
    a: float
    mass: float
    abundance: float = 1.0

    @property
    def n(self) -> float:
        """Number of neutrons."""
        return self.a - self.z


# Mass number: (abundance in percent, atomic mass in u). Abundances: IUPAC 2013, Meija et al.,
# Pure Appl. Chem. 88 (2016) 293; masses: AME2020, Wang et al., Chin. Phys. C 45 (2021) 030003.
_ISOTOPES = {
    124: (0.0952, 123.905885),
    126: (0.0890, 125.904297),
    128: (1.9102, 127.903531),
    129: (26.4006, 128.904781),
    130: (4.0710, 129.903509),
    131: (21.2324, 130.905084),
    132: (26.9086, 131.904155),
    134: (10.4357, 133.905393),
    136: (8.8573, 135.907214),
}


@lru_cache(maxsize=1)
def xenon_isotopes() -> tuple[Nucleus, ...]:
    """Return the natural isotopes of xenon; their abundances sum to one."""
    total = sum(percent for percent, _ in _ISOTOPES.values())
    electrons = const.XENON_Z * const.ELECTRON_MASS_KEV
    return tuple(
        Nucleus(
            z=const.XENON_Z,
            a=float(number),
            mass=mass * const.ATOMIC_MASS_UNIT_KEV - electrons,
            abundance=percent / total,
        )
        for number, (percent, mass) in _ISOTOPES.items()
    )


@lru_cache(maxsize=1)
def average_xenon() -> Nucleus:
    """Return the average nucleus of natural xenon, A = 131.3."""
    isotopes = xenon_isotopes()
    return Nucleus(
        z=const.XENON_Z,
        a=sum(isotope.abundance * isotope.a for isotope in isotopes),
        mass=sum(isotope.abundance * isotope.mass for isotope in isotopes),
    )
