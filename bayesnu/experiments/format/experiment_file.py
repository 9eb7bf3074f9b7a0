"""What the files of all channels have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from bayesnu.errors import InputError
from bayesnu.experiments.format.source import SourceEntry
from bayesnu.files.entry import Entry, Size
from bayesnu.physics.sources.sun.sun import SunOptions
from bayesnu.physics.targets.material import material
from bayesnu.physics.treatment import Neutrinos


def _formula(value: str) -> str:
    """Refuse what is no material."""
    formula = "Xe" if value == "xenon" else value
    try:
        material(formula)
    except InputError as error:
        raise ValueError(f"{error.expected}, of elements found in nature") from None
    return formula


Target = Annotated[str, Field(max_length=40), AfterValidator(_formula)]


class ExperimentFile(Entry):
    """What the experiment files of all channels have in common."""

    later: ClassVar[tuple[str, ...]] = ("source", "nuisances", "correlations")

    format: Literal[1] = 1
    title: str
    arxiv: str = ""
    citation: tuple[str, ...] = Field((), description="keys of models/citations.toml")
    description: str = ""
    channel: str
    target: Target = Field("Xe", description="element or compound: Xe (or xenon), Ge, CsI, C9H12")
    source: SourceEntry = Field(SunOptions(), description="where the neutrinos come from")
    signal_sigma: Size | None = Field(
        None, description="relative nuisance on the detected neutrinos of this experiment"
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
        """Return xenon by the name that it had when it was the only target; see `Entry.later`."""
        for name, value in super().__repr_args__():
            yield name, "xenon" if (name, value) == ("target", "Xe") else value

    @property
    def exposure(self) -> float:
        """Exposure of all runs, t yr."""
        raise NotImplementedError
