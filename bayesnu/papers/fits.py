"""The fits behind a paper's tables and figures, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.question import likelihood_of
from bayesnu.errors import Interrupted
from bayesnu.experiments.loading import load
from bayesnu.inference.credible import credible_from_draws
from bayesnu.inference.posterior import draw_posterior
from bayesnu.inference.settings import Settings
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.draws import Sampled
from bayesnu.results.limit import CredibleLimit


class Fits:
    """Likelihoods and posteriors, kept because several rows and figures share them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._likelihoods: dict[tuple[Any, ...], Likelihood] = {}
        self._posteriors: dict[int, tuple[Likelihood, Sampled]] = {}

    def likelihood(
        self,
        files: tuple[str, ...],
        signal: str,
        free: tuple[str, ...],
        fixed: Mapping[str, float] | None = None,
    ) -> Likelihood:
        """Return a likelihood; a projected experiment gets its Asimov data."""
        fixed = fixed or {}
        key = (files, signal, frozenset(free), tuple(sorted(fixed.items())))
        if key not in self._likelihoods:
            experiments = [load(name) for name in files]
            observed = {}
            if any(experiment.observed is None for experiment in experiments):
                observed = asimov(experiments, signal)
            self._likelihoods[key] = likelihood_of(
                experiments, signal, sorted(free), fixed=fixed, observed=observed
            )
        return self._likelihoods[key]

    def posterior(self, likelihood: Likelihood) -> Sampled:
        """Return draws from the posterior of a likelihood."""
        key = id(likelihood)
        if key not in self._posteriors:
            sampled = draw_posterior(likelihood, self.settings)
            if not sampled.complete:
                raise Interrupted("Interrupted while sampling.")
            # The likelihood is kept beside its posterior: its id must not be used again.
            self._posteriors[key] = (likelihood, sampled)
        return self._posteriors[key][1]

    def credible(self, likelihood: Likelihood, parameter: str, level: float) -> CredibleLimit:
        """Return the credible limit on one parameter."""
        meta = likelihood.parameters[likelihood.index(parameter)]
        sampled = self.posterior(likelihood)
        return credible_from_draws(sampled, likelihood.names, meta, level, likelihood)
