"""A question, or a likelihood, as a `pm.Model`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from bayesnu.analyses.question import Asked, Experiments, Question, as_question
from bayesnu.errors import InputError
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.pymc_model import template_model
from bayesnu.model.build import Ingredients
from bayesnu.model.graph.model import Effect, graph_model
from bayesnu.physics.signals import Signal

if TYPE_CHECKING:
    import pymc as pm


def build_model(
    given: Likelihood | Question | Experiments,
    signal: str | Signal | None = None,
    parameters: str | Sequence[str] | None = None,
    *,
    templates: bool = False,
    effect: Effect | None = None,
    **asked: Unpack[Asked],
) -> pm.Model:
    """Return a PyMC model: priors, cross sections, flux, response, backgrounds, counts.

    Parameters
    ----------
    given : Likelihood, Question, or sequence of str, Path or Experiment
        With experiments, `signal` and `parameters` say what is asked, as in `bayesnu.limit`.
    templates : bool
        The same density as a polynomial in the parameters, which compiles faster. So it is where
        a likelihood does not know what it was made of.
    effect : callable, optional
        (experiment, expected counts) -> expected counts: an effect of one's own, which may add
        variables to the model.
    **asked
        As of `bayesnu.limit`.

    Returns
    -------
    pm.Model
        One scalar variable for each parameter, with its prior. For each experiment
        ``dsigma_dT_<experiment>``, the cross section averaged over the flux of each component
        that arrives, in cm2/keV per formula unit of the target, on the recoil grid in keV;
        ``recoil_rate_<experiment>``, dR/dT in events / (t yr keV) with all nuisances;
        ``expected_<experiment>``, and the observed ``counts_<experiment>``, by bin (coordinate:
        centre of the bin in keV). Observed counts are `pm.Data`.
    """
    if isinstance(given, Likelihood):
        likelihood = given
    else:
        likelihood = as_question(given, signal, parameters, asked).likelihood
    if templates or not isinstance(likelihood.origin, Ingredients):
        if effect is not None:
            raise InputError(
                "model", "effect", found="one on templates", expected="none, or the whole graph"
            )
        return template_model(likelihood)
    return graph_model(likelihood, effect)
