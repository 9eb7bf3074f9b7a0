"""The file format of nuclear recoils that are seen as less: quenched to an electron's energy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bayesnu.experiments.format.electron_recoil import EnergyFile
from bayesnu.experiments.format.nuclear_recoil import NUCLEAR_DEFAULTS, nuclear_defaults
from bayesnu.files.entry import Entry, Finite, Identifier, NonNegative, Positive
from bayesnu.physics.treatment import Neutrinos

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


class QuenchedRecoilFile(EnergyFile):
    """An experiment that counts nuclear recoils in bins of electron-equivalent energy.

    Efficiencies at `true` energy are functions of the recoil energy. Backgrounds are spectra of
    electrons.
    """

    channel: Literal["quenched-recoil"]
    quenching: Quenching
    neutrinos: Neutrinos = Neutrinos.model_validate(NUCLEAR_DEFAULTS)
    electron_recoils: bool = Field(
        False, description="electron recoils land in the same bins and are counted as signal too"
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: object) -> object:
        return nuclear_defaults(data)

    @model_validator(mode="after")
    def _complete(self) -> QuenchedRecoilFile:
        if self.resolution is None:
            raise ValueError("a resolution, of the electron-equivalent energy")
        entry = self.quenching
        if not isinstance(entry, Lindhard) and set(entry.up) != set(entry.down):
            raise ValueError("every nuisance of the quenching needs up and down")
        own = {K_NUISANCE} if isinstance(entry, Lindhard) else set(entry.up)
        if same := own & set(self.nuisances):
            raise ValueError(f"nuisance {min(same)} has the name of one of the quenching")
        atomic = [name for name, nuisance in self.nuisances.items() if nuisance.kind == "atomic"]
        if atomic and not self.electron_recoils:
            raise ValueError(f"nuisance {atomic[0]}: atomic moves electrons, and there are none")
        return self
