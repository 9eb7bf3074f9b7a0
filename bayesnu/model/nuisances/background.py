"""Norms of backgrounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bayesnu.experiments.backgrounds import Background
from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.nuisance import SHARED, Names, Nuisance, Part, Term


class BackgroundNorm(Nuisance):
    """The norm of a background, shared where files say so."""

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return the short names of all norms."""
        return [
            name
            for background in experiment.backgrounds
            for name in (
                [_of_bin(background.name, bin) for bin in range(experiment.bins)]
                if background.free_bins
                else [_short(background.name)]
            )
        ]

    def act(self, part: Part, names: Names) -> Part:
        """Multiply a background with its norm, unless that is fixed."""
        background, experiment = part.background, part.experiment.name
        if background is None or background.prior is None:
            return part
        if background.free_bins:
            return self._by_bin(part, background, names)
        name, owner = names[_short(background.name), experiment], f"{part.label} in {experiment}"
        if background.shared is not None:
            name, owner = _short(background.shared), SHARED
        return part.times(Parameter(name, "background", background.prior), owner)

    def _by_bin(self, part: Part, background: Background, names: Names) -> Part:
        """Give every bin a norm of its own."""
        assert background.prior is not None
        experiment, counts = part.experiment, part.terms[0].counts
        owner = f"{part.label} in {experiment.name}"
        part = replace(part, terms=())
        for bin, alone in enumerate(np.diag(counts)):
            name = names[_of_bin(background.name, bin), experiment.name]
            norm = Parameter(name, "background", background.prior)
            part = part.plus(norm, [Term((name,), (), alone)], owner)
        return part


def _of_bin(name: str, bin: int) -> str:
    return f"{_short(name)}_{bin + 1}"


def _short(name: str) -> str:
    return f"background_{name}"
