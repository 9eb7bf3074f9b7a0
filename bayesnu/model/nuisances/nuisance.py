"""What a kind of nuisance is, and what it acts on: parts of the counts, as sums of terms.

An experiment expects one part of every component of its source and one of every background. A
part is a sum of templates times products of factors. A kind of nuisance can do three things:

- `respond`: let the response depend on a nuisance, by terms of its own. Signal and backgrounds
  have the same response, so both move.
- `own`: say which short names belong to one experiment alone, so that each gets a full name.
- `act`: give a part parameters, and multiply its terms with them or add terms.

A kind is a file in this folder that does one of them or more, and a row in the table `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bayesnu.experiments.backgrounds import Background
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import Factors, Fold, Target
from bayesnu.likelihood.likelihood import Parameter
from bayesnu.types import Array

SHARED = "shared"
"""Owner of a parameter that is the same in all experiments."""

Names = Mapping[tuple[str, str], str]
"""Full names of parameters by the short name that `Nuisance.own` gives and the experiment."""


class Term(NamedTuple):
    """A template times a product of factors.

    Attributes
    ----------
    factors : tuple of str
        Parameters of the likelihood, or their cosines and sines.
    response : Factors
        Nuisances of the experiment's response, by their short names.
    counts : ndarray, shape (bins,)
    """

    factors: tuple[str, ...]
    response: Factors
    counts: Array


class Owned(NamedTuple):
    """A parameter and whose it is: two different things of one name are not taken for one."""

    parameter: Parameter
    owner: str = SHARED


@dataclass(frozen=True, eq=False)
class Part:
    """What an experiment expects of one component.

    Attributes
    ----------
    label : str
        The component's label in the likelihood.
    parameters : tuple of Owned
        In the order in which they are to stand in the likelihood.
    flux : str
        The component of the source; empty for what comes from elsewhere.
    flux_given : bool
        Whether its flux is a parameter of the signal: what else is known of it does not act.
    changed : callable or None
        Terms with parameters of the source changed; None where there are none.
    """

    experiment: Experiment
    label: str
    terms: tuple[Term, ...]
    parameters: tuple[Owned, ...] = ()
    flux: str = ""
    flux_given: bool = False
    background: Background | None = None
    changed: Callable[..., tuple[Term, ...]] | None = None

    def plus(self, parameter: Parameter, terms: Sequence[Term], owner: str = SHARED) -> Part:
        """Return the part with a parameter and its terms added."""
        parameters = (*self.parameters, Owned(parameter, owner))
        return replace(self, parameters=parameters, terms=(*self.terms, *terms))

    def times(self, parameter: Parameter, owner: str = SHARED) -> Part:
        """Return the part with a norm: a parameter that multiplies every term."""
        terms = tuple(term._replace(factors=(parameter.name, *term.factors)) for term in self.terms)
        parameters = (*self.parameters, Owned(parameter, owner))
        return replace(self, parameters=parameters, terms=terms)


class Nuisance:
    """A kind of nuisance; one's own does one of these, or more."""

    def respond(self, experiment: Experiment, target: Target, fold: Fold) -> Fold:
        """Return how recoils become counts, with the terms of this kind's nuisances.

        The experiment's own response, and what kinds before have made of it, is `fold`. What is
        returned folds the signal, on any grid, and each background that is a spectrum. A factor
        that no kind acts on before `bayesnu.model.nuisances.response` is a standard normal.
        """
        return fold

    def own(self, experiment: Experiment) -> Sequence[str]:
        """Return the short names of parameters that belong to an experiment alone."""
        return ()

    def act(self, part: Part, names: Names) -> Part:
        """Return a part with this kind's parameters in it."""
        return part
