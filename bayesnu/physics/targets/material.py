"""What a detector is made of: an element or a compound, by its formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const

ELEMENTS = "elements/elements.csv"

_PART = re.compile(r"([A-Z][a-z]?)(\d{0,4})")


@dataclass(frozen=True)
class Element:
    """A chemical element.

    Attributes
    ----------
    molar_mass : float
        g/mol, of the natural mixture of isotopes.
    """

    symbol: str
    z: int
    molar_mass: float


@dataclass(frozen=True)
class Material:
    """A material, of which cross sections and counts are per formula unit.

    Attributes
    ----------
    atoms : tuple of (Element, int)
        In a formula unit.
    """

    formula: str
    atoms: tuple[tuple[Element, int], ...]

    @property
    def molar_mass(self) -> float:
        """g/mol of formula units."""
        return sum(number * element.molar_mass for element, number in self.atoms)

    @property
    def units_per_tonne(self) -> float:
        """Number of formula units in a tonne; of atoms, for an element."""
        return const.AVOGADRO_PER_MOL * 1e6 / self.molar_mass

    def __str__(self) -> str:
        return "xenon" if self.formula == "Xe" else self.formula


@lru_cache(maxsize=1)
def elements() -> dict[str, Element]:
    """Return the elements found in nature by symbol."""
    table = read_table(ELEMENTS)
    columns = (table.column("z", minimum=1.0), table.column("molar_mass_g_per_mol", minimum=1.0))
    return {
        symbol: Element(symbol, int(z), float(mass))
        for symbol, z, mass in zip(table.text_column("symbol"), *columns, strict=True)
    }


@lru_cache(maxsize=64)
def material(formula: str) -> Material:
    """Return a material.

    Parameters
    ----------
    formula : str
        Symbols of elements with their numbers: ``Xe``, ``CsI``, ``C9H12``.

    Raises
    ------
    InputError
        If it is none, or has an element that is not found in nature.
    """
    parts = _PART.findall(formula)
    if not parts or "".join(symbol + number for symbol, number in parts) != formula:
        raise InputError("target", "formula", found=repr(formula), expected=FORMULA)
    numbers: dict[str, int] = {}
    for symbol, number in parts:
        if symbol not in elements() or number.startswith("0"):
            found = f"{symbol}{number} in {formula!r}"
            raise InputError("target", "formula", found=found, expected=FORMULA)
        numbers[symbol] = numbers.get(symbol, 0) + int(number or 1)
    return Material(formula, tuple((elements()[s], number) for s, number in numbers.items()))


FORMULA = "symbols of elements with numbers, as Xe, CsI or C9H12"
