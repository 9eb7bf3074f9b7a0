"""Fluxes: what is known of each component's size, shared by all experiments that see it."""

from __future__ import annotations

from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.nuisance import Names, Nuisance, Part


class Flux(Nuisance):
    """A Gaussian norm of a component of the source, at least zero, where no signal has it."""

    def act(self, part: Part, names: Names) -> Part:
        """Multiply a component with its norm, unless its flux is known."""
        if not part.flux or part.flux_given:
            return part
        name, sigma = part.experiment.source().norm(part.flux)
        if sigma == 0.0:
            return part
        return part.times(Parameter(name, "flux", priors.gaussian(1.0, sigma, low=0.0)))
