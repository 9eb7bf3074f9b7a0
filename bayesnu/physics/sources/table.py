"""A source of one's own: fluxes by flavour from tables, and lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from bayesnu.errors import InputError
from bayesnu.files.entry import Entry, Identifier, NonNegative, Positive
from bayesnu.files.tables import Table
from bayesnu.physics.source import STATES, Norm, SourceOptions
from bayesnu.physics.sources.flavours import Component, Flavours
from bayesnu.physics.sources.spectrum import Continuous, Function, Lines, Spectrum
from bayesnu.physics.treatment import Neutrinos
from bayesnu.types import Array

State = Literal["e", "mu", "tau", "anti_e", "anti_mu", "anti_tau"]

UNIT = "_per_cm2_s_MeV"
"""How the names of a table's columns of flux end."""

NeutrinoEnergy = Annotated[float, Field(strict=True, ge=1e-3, le=1e3)]


class FluxLine(Entry):
    """Neutrinos of one energy."""

    energy_MeV: NeutrinoEnergy
    state: State
    flux_per_cm2_s: Positive


class TableComponent(Entry):
    """A part of the flux with one norm: a table of spectra by flavour, or lines, or both."""

    table: str | None = Field(
        None,
        description="columns energy_MeV and, for one flavour or more, e_per_cm2_s_MeV, mu_..., "
        "tau_..., anti_e_..., anti_mu_..., anti_tau_...; linear between rows",
    )
    lines: tuple[FluxLine, ...] = Field((), max_length=100)
    scale: Positive = Field(1.0, description="factor on table and lines")
    relative_sigma: NonNegative = Field(
        0.0, description="of the norm, the nuisance `flux_NAME` of the component; 0: known"
    )

    @model_validator(mode="after")
    def _some(self) -> TableComponent:
        if self.table is None and not self.lines:
            raise ValueError("give a table, or lines")
        return self


class TableSource(SourceOptions):
    """Fluxes at the detector, as a user gives them; they do not oscillate any more."""

    kind: Literal["table"]
    components: dict[Identifier, TableComponent] = Field(min_length=1)

    def tables(self) -> tuple[str, ...]:
        """Return the tables of all components."""
        named = [entry.table for entry in self.components.values() if entry.table is not None]
        return tuple(dict.fromkeys(named))

    def arriving(
        self, treatment: Neutrinos, tables: Mapping[str, Table], **changes: Any
    ) -> Flavours:
        """Return the fluxes of the tables."""
        return Flavours(
            "source_nu",
            {
                name: Component(Norm(f"flux_{name}", entry.relative_sigma), _spectra(entry, tables))
                for name, entry in self.components.items()
            },
        )


def _spectra(entry: TableComponent, tables: Mapping[str, Table]) -> dict[str, Spectrum]:
    found: dict[str, list[Spectrum]] = {}
    if entry.table is not None:
        for state, spectrum in read_fluxes(tables[entry.table], entry.scale).items():
            found.setdefault(state, []).append(spectrum)
    for state in dict.fromkeys(line.state for line in entry.lines):
        own = [line for line in entry.lines if line.state == state]
        energy = np.array([line.energy_MeV for line in own])
        flux = np.array([entry.scale * line.flux_per_cm2_s for line in own])
        found.setdefault(state, []).append(Lines(energy, flux))
    return {state: s[0] if len(s) == 1 else Sum(tuple(s)) for state, s in found.items()}


class Sum:
    """A spectrum of several parts."""

    def __init__(self, parts: tuple[Spectrum, ...]) -> None:
        self.parts = parts
        self.breaks = tuple(energy for part in parts for energy in part.breaks)
        self.lines = tuple(energy for part in parts for energy in part.lines)

    def moments(self, threshold: Array) -> Array:
        """Return the sum of the parts' moments."""
        return np.asarray(sum(part.moments(threshold) for part in self.parts))


def read_fluxes(table: Table, scale: float = 1.0) -> dict[str, Spectrum]:
    """Return the spectra of a table by state.

    Raises
    ------
    InputError
        For a flux that is negative or vanishes, or a column that is none.
    """
    allowed = {f"{state}{UNIT}": state for state in STATES["flavour"]}
    columns = [name for name in table.names if name != "energy_MeV"]
    for name in columns:
        if name not in allowed:
            raise InputError(table.path, "columns", found=name, expected=" | ".join(allowed))
    energy = table.column("energy_MeV", minimum=0.0, maximum=1e3, ascending=True)
    if len(energy) < 2 or not columns:
        found = f"{len(energy)} rows and {len(columns)} columns of flux"
        raise InputError(table.path, "table", found=found, expected="two rows and one at least")
    spectra: dict[str, Spectrum] = {}
    for name in columns:
        values = scale * table.column(name, minimum=0.0)
        if not values.any():
            raise InputError(table.path, name, found="zeros alone", expected="a flux")
        ends = [float(energy[i]) for i in (0, -1) if values[i] > 0.0 and energy[i] > 0.0]
        spectra[allowed[name]] = Continuous(energy, _linear(energy, values), tuple(ends))
    return spectra


def _linear(energy: Array, values: Array) -> Function:
    def density(at: Array) -> Array:
        return np.interp(at, energy, values)

    return density
