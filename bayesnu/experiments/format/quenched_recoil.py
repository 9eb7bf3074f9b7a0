"""The file format of nuclear recoils that are seen as less: quenched to an electron's energy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from bayesnu.experiments.format.electron_recoil import (
    Efficiency,
    EnergyFile,
    TabulatedResponse,
)
from bayesnu.experiments.format.nuclear_recoil import NUCLEAR_DEFAULTS, nuclear_defaults
from bayesnu.experiments.format.quenching import K_NUISANCE, Lindhard, Quenching
from bayesnu.physics.treatment import Neutrinos


class QuenchedRecoilFile(EnergyFile):
    """An experiment that counts nuclear recoils in bins of electron-equivalent energy.

    Efficiencies at `true` energy are functions of the recoil energy. Backgrounds are spectra of
    electrons.
    """

    channel: Literal["quenched-recoil"]
    efficiency: Efficiency
    quenching: Quenching
    neutrinos: Neutrinos = Neutrinos.model_validate(NUCLEAR_DEFAULTS)
    electron_recoils: bool = Field(
        False, description="electron recoils land in the same bins and are counted as signal too"
    )

    @field_validator("response")
    @classmethod
    def _folded(cls, value: TabulatedResponse | None) -> TabulatedResponse | None:
        if value is not None:
            raise ValueError("quenching, efficiency and resolution: a response is of electrons")
        return value

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
