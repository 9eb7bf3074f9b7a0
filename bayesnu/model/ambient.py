"""Parameters of no signal that can be free as well: the weak mixing angle, oscillation.

Counts are no polynomials in them, so that they are sampled through the graph of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bayesnu.experiments.experiment import Experiment
from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.likelihood.priors import Prior
from bayesnu.physics.signals.base import Signal
from bayesnu.physics.treatment import Neutrinos

SIGMA_DM2_21 = 0.21
"""1e-5 eV2: half of the range +0.22 -0.20 of de Salas et al., JHEP 02 (2021) 071."""


@dataclass(frozen=True)
class Ambient:
    """A parameter of the treatment of neutrinos.

    Attributes
    ----------
    scale : float
        Its unit in that of the treatment.
    prior : callable
        Treatment -> prior.
    mixing : str
        Its name among the oscillation parameters; empty if it is none.
    standard : callable
        Treatment -> the value that the file has.
    """

    name: str
    unit: str
    latex: str
    prior: Callable[[Neutrinos], Prior]
    scale: float = 1.0
    mixing: str = ""
    standard: Callable[[Neutrinos], float] = lambda treatment: 0.0

    def parameter(self, treatment: Neutrinos) -> Parameter:
        """Return the parameter of a likelihood."""
        found = Parameter(self.name, "signal", self.prior(treatment), self.unit, self.latex)
        return replace(found, standard=self.standard(treatment))


def _angle(name: str, latex: str) -> Ambient:
    def prior(treatment: Neutrinos) -> Prior:
        entry = treatment.oscillation
        sigma = getattr(entry, f"sigma_{name}")
        if sigma == 0.0:
            return priors.flat(0.0, 1.0)
        return priors.gaussian(getattr(entry, name), sigma, low=0.0, high=1.0)

    return Ambient(name, "1", latex, prior, mixing=name)


def _splitting(treatment: Neutrinos) -> Prior:
    return priors.gaussian(treatment.oscillation.dm2_21_eV2 / 1e-5, SIGMA_DM2_21, low=0.1)


AMBIENT: dict[str, Ambient] = {
    found.name: found
    for found in (
        Ambient(
            "sin2_theta_w",
            "1",
            r"\sin^2\theta_W",
            lambda treatment: priors.flat(0.0, 1.0),
            standard=lambda treatment: treatment.sin2_theta_w,
        ),
        _angle("sin2_theta12", r"\sin^2\theta_{12}"),
        _angle("sin2_theta13", r"\sin^2\theta_{13}"),
        _angle("sin2_theta23", r"\sin^2\theta_{23}"),
        Ambient("dm2_21", "1e-5 eV2", r"\Delta m^2_{21}", _splitting, 1e-5, "dm2_21_eV2"),
    )
}
"""By name; a signal's own parameter of the same name comes first."""


def is_ambient(signal: Signal, name: str) -> bool:
    """Return whether a name is that of no signal's parameter but of one of these."""
    return name in AMBIENT and name not in {parameter.name for parameter in signal.parameters}


def needs_graph(signal: Signal, names: Sequence[str]) -> bool:
    """Return whether counts are no polynomial in one of these parameters."""
    return any(
        is_ambient(signal, name) or signal.propagates or signal.parameter(name).shape
        for name in names
    )


def changes_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the oscillation parameters among values, in the units of the treatment."""
    known = {name: AMBIENT[name] for name in values if name in AMBIENT}
    return {a.mixing: a.scale * values[name] for name, a in known.items() if a.mixing}


def without_pulls(experiment: Experiment, mixing: Sequence[str]) -> Experiment:
    """Return an experiment in which angles that are variables themselves have no pull."""
    neutrinos = experiment.neutrinos
    exact = {f"sigma_{name}": 0.0 for name in mixing if name.startswith("sin2")}
    entry = neutrinos.oscillation.model_copy(update=exact)
    changed = neutrinos.model_copy(update={"oscillation": entry})
    file = experiment.file.model_copy(update={"neutrinos": changed})
    return replace(experiment, file=file) if exact else experiment
