"""Norms of backgrounds."""

from __future__ import annotations

from collections.abc import Sequence

from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.nuisance import SHARED, Names, Nuisance, Part


class BackgroundNorm(Nuisance):
    """The norm of a background, shared where files say so."""

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return the short names of all norms."""
        return [_short(background.name) for background in experiment.backgrounds]

    def act(self, part: Part, names: Names) -> Part:
        """Multiply a background with its norm, unless that is fixed."""
        background, experiment = part.background, part.experiment.name
        if background is None or background.prior is None:
            return part
        name, owner = names[_short(background.name), experiment], f"{part.label} in {experiment}"
        if background.shared is not None:
            name, owner = _short(background.shared), SHARED
        return part.times(Parameter(name, "background", background.prior), owner)


def _short(name: str) -> str:
    return f"background_{name}"
