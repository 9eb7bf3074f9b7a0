"""What the files of all channels have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bayesnu.files.entry import Entry, Size
from bayesnu.physics.treatment import Neutrinos

ADDED = ("nuisances", "correlations")


class ExperimentFile(Entry):
    """What the experiment files of all channels have in common."""

    format: Literal[1] = 1
    title: str
    arxiv: str = ""
    citation: tuple[str, ...] = Field((), description="keys of models/citations.toml")
    description: str = ""
    channel: str
    target: Literal["xenon"] = "xenon"
    signal_sigma: Size | None = Field(
        None, description="relative nuisance on the detected solar signal of this experiment"
    )
    signal_prior: Literal["log-normal", "gaussian"] = Field(
        "log-normal",
        description="of that nuisance: a Gaussian that ends at zero lets the signal vanish",
    )
    neutrinos: Neutrinos = Neutrinos()
    supersedes: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = Field(
        (), description="experiments that may hold some of the same events"
    )
    standard_model_radii: bool = Field(
        False, description="Asimov data for charge radii contain those of the Standard Model"
    )
    notes: tuple[str, ...] = Field((), description="assumptions, shown by `bayesnu show`")

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Leave out what was added to the format later and is not used.

        The digest of a file is of this text: it stays what it was.
        """
        for name, value in super().__repr_args__():
            if value or name not in ADDED:
                yield name, value

    @property
    def exposure(self) -> float:
        """Exposure of all runs, t yr."""
        raise NotImplementedError
