"""A norm of several components at once, as files state it."""

from __future__ import annotations

from collections.abc import Sequence

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.nuisances import Nuisance as Entry
from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.nuisance import SHARED, Names, Nuisance, Part


class ComponentNorm(Nuisance):
    """A factor on what a file names: backgrounds, or the neutrinos of the source."""

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return the names of the norms."""
        return [name for name, entry in experiment.nuisances.items() if entry.kind == "norm"]

    def act(self, part: Part, names: Names) -> Part:
        """Multiply a component with each norm that names it."""
        experiment = part.experiment
        for name in self.own(experiment):
            entry = experiment.nuisances[name]
            if part.label in entry.components:
                full, owner = (
                    (entry.shared, SHARED)
                    if entry.shared
                    else (names[name, experiment.name], experiment.name)
                )
                part = part.times(Parameter(full, role_of(experiment, entry), _prior(entry)), owner)
        return part


def role_of(experiment: Experiment, entry: Entry) -> str:
    """Return whether a nuisance is of backgrounds alone, or of what the detector makes of all."""
    own = experiment.source().label in entry.components
    return "response" if entry.is_response or own else "background"


def _prior(entry: Entry) -> priors.Prior:
    assert entry.sigma is not None
    if entry.prior == "log-normal":
        return priors.log_normal(entry.sigma)
    if entry.prior == "flat":
        return priors.flat(1.0 - entry.sigma, 1.0 + entry.sigma)
    return priors.gaussian(1.0, entry.sigma, low=0.0)
