"""The file format of experiments given as a limit on the effective magnetic moment of a beam."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from bayesnu.experiments.format.experiment_file import ExperimentFile
from bayesnu.files.entry import Positive
from bayesnu.physics.source import SourceOptions
from bayesnu.physics.sources.sun.sun import SunOptions
from bayesnu.physics.treatment import Neutrinos, Oscillation

BeamName = Literal["reactor", "accelerator", "accelerator-incoherent", "muon-neutrino", "solar"]


class EffectiveMomentFile(ExperimentFile):
    """A published upper limit on an effective moment, and the beam that it belongs to."""

    channel: Literal["effective-moment"]
    beam: BeamName
    upper_limit_1e11_mu_B: Positive = Field(description="in 1e-11 Bohr magnetons")
    level: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.9
    neutrinos: Neutrinos = Field(
        Neutrinos(oscillation=Oscillation(nuisances=True)),
        description="only `oscillation` matters; with other experiments theirs holds",
    )

    @field_validator("source")
    @classmethod
    def _no_source(cls, value: SourceOptions) -> SourceOptions:
        if not isinstance(value, SunOptions):
            raise ValueError("no source: a limit has a beam")
        return value

    @property
    def exposure(self) -> float:
        """Nothing is counted."""
        return 0.0
