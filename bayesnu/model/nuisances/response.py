"""What is detected: a norm of the signal, and the nuisances of an experiment's response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import SHAPE_RANGE, YIELD_RANGE
from bayesnu.likelihood import priors
from bayesnu.likelihood.factors import bend
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.norm import role_of
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
    """A standard normal for each factor of a response or a template, in units of its sigma."""

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return the nuisances of the experiment's responses and templates."""
        responses = [name for factors in experiment.response_factors for name in factors]
        stated = [
            name
            for name, entry in experiment.nuisances.items()
            if entry.kind not in ("norm", "atomic")
        ]
        return list(dict.fromkeys([*map(owner_of, responses), *stated]))

    def act(self, part: Part, names: Names) -> Part:
        """Turn factors of the response into parameters; terms that are zero go."""
        factors = dict.fromkeys(owner_of(name) for term in part.terms for name in term.response)
        pulls = {name: _pull(part.experiment, name, names) for name in factors}

        def full(factor: str) -> str:
            name = owner_of(factor)
            own = pulls[name].parameter.name
            return bend(own) if factor != name else own

        terms = tuple(
            term._replace(
                factors=(*term.factors, *(full(name) for name in term.response)), response=()
            )
            for term in part.terms
            if not term.response or term.counts.any()
        )
        return replace(part, terms=terms, parameters=(*part.parameters, *pulls.values()))


def owner_of(factor: str) -> str:
    """Return the nuisance that a factor of a response is of: itself, or whose bend it is."""
    return factor.removeprefix(bend(""))


def _pull(experiment: Experiment, name: str, names: Names) -> Owned:
    """Return the parameter of a nuisance of the response."""
    entry = experiment.nuisances.get(name)
    if entry is None:
        yields = priors.gaussian(0.0, 1.0, low=-YIELD_RANGE, high=YIELD_RANGE)
        return Owned(Parameter(names[name, experiment.name], "response", yields), experiment.name)
    prior = priors.gaussian(0.0, 1.0, low=-SHAPE_RANGE, high=SHAPE_RANGE)
    if entry.prior == "flat":
        prior = priors.flat(-1.0, 1.0, expected=0.0)
    role = role_of(experiment, entry)
    if entry.shared:
        return Owned(Parameter(entry.shared, role, prior))
    return Owned(Parameter(names[name, experiment.name], role, prior), experiment.name)
