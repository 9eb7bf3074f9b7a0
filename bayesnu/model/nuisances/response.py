"""What is detected: a norm of the signal, and the nuisances of an experiment's response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import YIELD_RANGE
from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.nuisance import Names, Nuisance, Owned, Part


class SignalNorm(Nuisance):
    """The norm of what is detected of the source: log-normal unless the file says else."""

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return its short name."""
        return ("signal",)

    def act(self, part: Part, names: Names) -> Part:
        """Multiply all components of the source with it."""
        file, experiment = part.experiment.file, part.experiment.name
        sigma = file.signal_sigma
        if not part.flux or sigma is None:
            return part
        gaussian = file.signal_prior == "gaussian"
        prior = priors.gaussian(1.0, sigma, low=0.0) if gaussian else priors.log_normal(sigma)
        return part.times(Parameter(names["signal", experiment], "response", prior), experiment)


class ResponsePulls(Nuisance):
    """A standard normal for each factor of a response, within the range it is known in."""

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return the factors of the experiment's response, and of its backgrounds' shapes."""
        shapes = (factors for b in experiment.backgrounds for factors in b.terms)
        return [name for factors in (*experiment.response_factors, *shapes) for name in factors]

    def act(self, part: Part, names: Names) -> Part:
        """Turn factors of the response into parameters; terms that are zero go."""
        experiment = part.experiment.name
        prior = priors.gaussian(0.0, 1.0, low=-YIELD_RANGE, high=YIELD_RANGE)
        factors = dict.fromkeys(name for term in part.terms for name in term.response)
        pulls = {name: Parameter(names[name, experiment], "response", prior) for name in factors}
        terms = tuple(
            term._replace(
                factors=(*term.factors, *(pulls[name].name for name in term.response)), response=()
            )
            for term in part.terms
            if not term.response or term.counts.any()
        )
        own = [Owned(pull, experiment) for pull in pulls.values()]
        return replace(part, terms=terms, parameters=(*part.parameters, *own))
