"""The file format of experiments given as a limit on the effective magnetic moment of a beam."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.files.entry import Positive
from bayesnu.physics.sources.sun.sun import SunOptions
from bayesnu.physics.sources.table import State
from bayesnu.physics.treatment import Neutrinos, Oscillation

BeamName = Literal["reactor", "accelerator", "accelerator-incoherent", "muon-neutrino", "solar"]


class EffectiveMomentFile(ExperimentFile):
    """A published upper limit on an effective moment, and the source whose neutrinos have it.

    Only their flavours matter, and how many of each there are.
    """

    later: ClassVar[tuple[str, ...]] = (
        *ExperimentFile.later,
        "flavours",
        "coherent",
        "normalised",
    )

    channel: Literal["effective-moment"]
    beam: BeamName | None = Field(
        None, description="instead of a source: a beam of ternes-tortola-2025 by name"
    )
    upper_limit_1e11_mu_B: Positive = Field(description="in 1e-11 Bohr magnetons")
    level: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.9
    neutrinos: Neutrinos = Field(
        Neutrinos(oscillation=Oscillation(nuisances=True)),
        description="only `oscillation` matters; with other experiments theirs holds",
    )
    flavours: tuple[State, ...] = Field(
        (), description="those of the source that the limit belongs to; none: all"
    )
    coherent: bool = Field(
        False,
        description="amplitudes of the source's neutrinos are added, as ternes-tortola-2025 does, "
        "though those of different decays have no common phase",
    )
    normalised: bool = Field(
        True,
        description="mu^2 is the mean over neutrinos; false: their sum, where the most frequent "
        "flavour counts as one",
    )

    @model_validator(mode="after")
    def _one_beam(self) -> EffectiveMomentFile:
        sun = isinstance(self.source, SunOptions)
        if self.beam is not None and not sun:
            raise ValueError("either a source, or a beam by name")
        if (self.beam is not None or sun) and (
            self.flavours or self.coherent or not self.normalised
        ):
            raise ValueError(
                "flavours, coherent and normalised with a source near by, whose neutrinos do not "
                "oscillate"
            )
        return self

    @property
    def exposure(self) -> float:
        """Nothing is counted."""
        return 0.0
