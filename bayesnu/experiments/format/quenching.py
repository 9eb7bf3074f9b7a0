"""Entries about quenching: what energy of an electron a nuclear recoil is seen as."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bayesnu.files.entry import Entry, Finite, Identifier, NonNegative, Positive

K_NUISANCE = "quenching_k"

Coefficients = Annotated[tuple[Finite, ...], Field(min_length=1, max_length=12)]


class Lindhard(Entry):
    """Lindhard's quenching factor of an element, Q = k g / (1 + k g).

    g = 3 e^0.15 + 0.7 e^0.6 + e, e = 11.5 Z^(-7/3) T / keV (Lewin & Smith, Astropart. Phys. 6
    (1996) 87).
    """

    model: Literal["lindhard"]
    k: Positive
    sigma_k: NonNegative = Field(0.0, description="the nuisance `quenching_k`; 0: known")


class Polynomial(Entry):
    """Energy as a polynomial of the recoil energy, both in keV, without a constant."""

    model: Literal["polynomial"]
    coefficients: Coefficients = Field(description="of T, T^2, ...")
    up: dict[Identifier, Coefficients] = Field({}, description="nuisance -> those at +1 sigma")
    down: dict[Identifier, Coefficients] = Field({}, description="nuisance -> those at -1 sigma")


class TableQuenching(Entry):
    """Quenching factors in a table by recoil energy, energy_keV; linear, and held beyond."""

    model: Literal["table"]
    table: str
    column: str = "quenching"
    up: dict[Identifier, str] = Field({}, description="nuisance -> column at +1 sigma")
    down: dict[Identifier, str] = Field({}, description="nuisance -> column at -1 sigma")


Quenching = Annotated[Lindhard | Polynomial | TableQuenching, Field(discriminator="model")]
