"""Atomic theory: between free electrons in steps and the many-body rate of the Standard Model."""

from __future__ import annotations

from collections.abc import Sequence

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import SHAPE_RANGE
from bayesnu.likelihood import priors
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.model.nuisances.nuisance import SHARED, Names, Nuisance, Part, Term

STEPS, MANY_BODY = "fea", "rrpa"


class AtomicTheory(Nuisance):
    """A share: 0 is the rate with electrons in steps, 1 that with the RRPA ratio."""

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return the names of the shares: one at most makes sense."""
        return [name for name, entry in experiment.nuisances.items() if entry.kind == "atomic"]

    def act(self, part: Part, names: Names) -> Part:
        """Add the difference of the two rates to a component of the source."""
        if part.changed is None:
            return part
        experiment = part.experiment
        for name in self.own(experiment):
            entry = experiment.nuisances[name]
            full, owner = names[name, experiment.name], experiment.name
            if entry.shared:
                full, owner = entry.shared, SHARED
            prior = priors.gaussian(0.0, 1.0, low=-SHAPE_RANGE, high=SHAPE_RANGE)
            if entry.prior == "flat":
                prior = priors.flat(0.0, 1.0, expected=0.0)
            steps = {t[:2]: t.counts for t in part.changed(atomic=STEPS)}
            difference = [
                Term((full, *factors), response, counts - steps[factors, response])
                for factors, response, counts in part.changed(atomic=MANY_BODY)
                if (factors, response) in steps
            ]
            part = part.plus(Parameter(full, "response", prior), difference, owner)
        return part
