"""Experiments + signal -> one `Likelihood`: names the parameters and collects the terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.beam_limit import TERM as MU_SQUARED
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import YIELD_RANGE
from bayesnu.likelihood import priors
from bayesnu.likelihood.angular import AngularLikelihood, expanded_names
from bayesnu.likelihood.likelihood import Bins, Likelihood, Parameter
from bayesnu.model.beam_terms import is_angle, is_effective_moment, oscillation_of, terms_of
from bayesnu.model.compatible import base_name, check_compatible
from bayesnu.model.polynomial import Expansion, expansion
from bayesnu.model.rate import OSCILLATION_NUISANCES, solar_rate, standard_model_counts
from bayesnu.model.signal_prior import PriorName, signal_prior
from bayesnu.physics.signals.base import Signal, check_values
from bayesnu.physics.treatment import Oscillation
from bayesnu.types import Array


def build_likelihood(
    experiments: Sequence[Experiment],
    signal: Signal,
    free: Sequence[str],
    *,
    fixed: Mapping[str, float] | None = None,
    prior: PriorName = "flat",
    observed: Mapping[str, Array] | None = None,
) -> Likelihood:
    """Return the likelihood of a signal's free parameters in one or more experiments.

    Parameters
    ----------
    experiments : sequence of Experiment
        Fluxes, and backgrounds with the same ``shared`` name, are shared nuisances.
    signal : Signal
    free : sequence of str
        Free parameters of the signal; its others are zero, or as in `fixed`.
    fixed : mapping, optional
        Values in O(1) units.
    prior : {"flat", "flat-squared", "log"}
        Of the signal parameters.
    observed : mapping, optional
        Counts by experiment name, instead of the file's (needed for projections).

    Raises
    ------
    InputError
        If experiments overlap, disagree about neutrinos or a shared nuisance, or have no data, or
        if a fixed value is no size or beyond reason.
    """
    check_compatible(experiments)
    check_values(signal, fixed or {})
    collector = _Collector()
    for name in free:
        parameter = signal.parameter(name)
        collector.add(
            Parameter(
                name,
                "signal",
                signal_prior(parameter, prior),
                parameter.unit,
                parameter.latex,
                parameter.one_sided,
                parameter.periodic,
            )
        )
    for experiment in experiments:
        if is_effective_moment(experiment):
            oscillation = oscillation_of(experiments)
            _add_effective_moment(collector, experiment, signal, free, fixed or {}, oscillation)
            continue
        _add_solar(collector, experiment, signal, tuple(free), dict(fixed or {}))
        _add_backgrounds(collector, experiment)
    return collector.finish(experiments, signal, observed or {})


def _identifier(experiment: Experiment) -> str:
    """Return the experiment's name as a part of a variable's name."""
    return base_name(experiment.name).replace("-", "_")


class _Collector:
    """Gathers parameters and terms; the order of first mention is the order of parameters."""

    def __init__(self) -> None:
        self.parameters: dict[str, Parameter] = {}
        self.terms: list[tuple[tuple[str, ...], str, str, Array]] = []

    def add(self, parameter: Parameter) -> str:
        """Add a parameter, or find the one that is shared under its name."""
        known = self.parameters.setdefault(parameter.name, parameter)
        if known.prior != parameter.prior:
            raise InputError(
                f"nuisance {parameter.name}",
                "prior",
                found=parameter.prior.describe(parameter.name),
                expected=f"{known.prior.describe(parameter.name)}, as in the other experiment",
            )
        return parameter.name

    def term(
        self, factors: tuple[str, ...], experiment: str, component: str, template: Array
    ) -> None:
        """Add a term; terms of equal factors, experiment and component are summed."""
        key = tuple(sorted(factors))
        for index, (known, where, what, old) in enumerate(self.terms):
            if (known, where, what) == (key, experiment, component):
                self.terms[index] = (key, experiment, component, old + template)
                return
        self.terms.append((key, experiment, component, template))

    def finish(
        self,
        experiments: Sequence[Experiment],
        signal: Signal,
        observed: Mapping[str, Array],
    ) -> Likelihood:
        """Stack the bins of all experiments."""
        angles = tuple(i for i, p in enumerate(self.parameters.values()) if is_angle(p))
        names = list(expanded_names(tuple(self.parameters), angles))
        stack, start = [], 0
        for experiment in experiments:
            part = slice(start, start + experiment.bins)
            stack.append(Bins(experiment.name, part, experiment.edges, experiment.axis))
            start = part.stop
        where = {bins.experiment: bins.part for bins in stack}
        order = max(1, *(len(factors) for factors, *_ in self.terms))
        factors = np.full((len(self.terms), order), len(names), dtype=np.int64)
        templates = np.zeros((len(self.terms), start))
        for row, (chosen, experiment_name, _, template) in enumerate(self.terms):
            factors[row, : len(chosen)] = [names.index(name) for name in chosen]
            templates[row, where[experiment_name]] = template
        counts = np.concatenate([_counts(e, observed) for e in experiments])
        sigma = np.concatenate(
            [np.zeros(e.bins) if e.sigma is None else e.sigma for e in experiments]
        )
        likelihood = Likelihood(
            parameters=tuple(self.parameters.values()),
            factors=factors,
            templates=templates,
            labels=tuple((where_, what) for _, where_, what, _ in self.terms),
            observed=counts,
            sigma=sigma,
            stack=tuple(stack),
            provenance={
                "experiments": {e.name: e.digest for e in experiments},
                "signal": signal.tag,
            },
        )
        if angles:
            own = {entry.name: getattr(likelihood, entry.name) for entry in fields(likelihood)}
            return AngularLikelihood(**own, angles=angles)
        return likelihood


def _counts(experiment: Experiment, observed: Mapping[str, Array]) -> Array:
    counts = observed.get(experiment.name, experiment.observed)
    if counts is None:
        raise InputError(
            experiment.path,
            "observed",
            found="no data (a projection)",
            expected="--asimov, or counts",
        )
    return np.asarray(counts, dtype=float)


def _add_solar(
    collector: _Collector,
    experiment: Experiment,
    signal: Signal,
    free: tuple[str, ...],
    fixed: Mapping[str, float],
) -> None:
    treatment = experiment.neutrinos
    free = tuple(name for name in free if not signal.parameter(name).periodic)
    rate = solar_rate(experiment)
    nominal = expansion(rate, signal, free, fixed)
    expansions: list[tuple[tuple[str, ...], Expansion]] = [((), nominal)]
    if treatment.oscillation.nuisances:
        expansions += _oscillation_terms(collector, experiment, signal, free, fixed)
    extra: tuple[str, ...] = ()
    if experiment.file.signal_sigma is not None:
        extra = (
            collector.add(
                Parameter(
                    f"signal_{_identifier(experiment)}",
                    "response",
                    priors.gaussian(1.0, experiment.file.signal_sigma, low=0.0),
                )
            ),
        )
    responses = [
        tuple(collector.add(_yield_nuisance(name, experiment)) for name in factors)
        for factors in rate.factors
    ]
    for component, sigma in rate.sun.relative_sigma.items():
        flux = _flux_nuisance(collector, component, sigma, treatment.common_flux_sigma)
        for factors, templates in expansions:
            for monomial, terms in templates[component].items():
                for yields, counts in zip(responses, terms, strict=True):
                    if not yields or counts.any():
                        names = (*flux, *factors, *yields, *extra, *monomial)
                        collector.term(names, experiment.name, "solar_nu", counts)


def _yield_nuisance(name: str, experiment: Experiment) -> Parameter:
    """Return a standard normal that moves the response, within the range it is known in."""
    prior = priors.gaussian(0.0, 1.0, low=-YIELD_RANGE, high=YIELD_RANGE)
    return Parameter(f"{name}_{_identifier(experiment)}", "response", prior)


def _add_effective_moment(
    collector: _Collector,
    experiment: Experiment,
    signal: Signal,
    free: Sequence[str],
    fixed: Mapping[str, float],
    oscillation: Oscillation,
) -> None:
    """Add mu^2 of a beam; a term without a signal keeps the bin where there is no moment."""
    nuisances, terms = terms_of(experiment, signal, free, fixed, oscillation)
    for nuisance in nuisances:
        collector.add(nuisance)
    for factors, value in {(): 0.0, **terms}.items():
        collector.term(factors, experiment.name, MU_SQUARED, np.array([value]))


def _flux_nuisance(
    collector: _Collector, component: str, sigma: float, common: float | None
) -> tuple[str, ...]:
    if common is not None:
        component, sigma = "solar", common
    if sigma == 0.0:
        return ()
    prior = priors.gaussian(1.0, sigma, low=0.0)
    return (collector.add(Parameter(f"flux_{component}", "flux", prior)),)


def _oscillation_terms(
    collector: _Collector,
    experiment: Experiment,
    signal: Signal,
    free: tuple[str, ...],
    fixed: Mapping[str, float],
) -> list[tuple[tuple[str, ...], Expansion]]:
    """Return the counts' derivatives by the oscillation parameters, in units of their sigma.

    The probabilities are close to linear over a few sigma (the second-order part of P_ee is
    4% of the first at one sigma), so linear terms are enough; a test measures what is left.
    """
    entry = experiment.neutrinos.oscillation
    result: list[tuple[tuple[str, ...], Expansion]] = []
    for name in OSCILLATION_NUISANCES:
        value, sigma = getattr(entry, name), getattr(entry, f"sigma_{name}")
        if sigma == 0.0:
            continue
        up = expansion(solar_rate(experiment, **{name: value + sigma}), signal, free, fixed)
        down = expansion(solar_rate(experiment, **{name: value - sigma}), signal, free, fixed)
        pull = collector.add(Parameter(f"pull_{name}", "oscillation", priors.gaussian(0.0, 1.0)))
        difference = {
            component: {
                monomial: 0.5 * (template - down[component][monomial])
                for monomial, template in terms.items()
                if monomial in down[component]
            }
            for component, terms in up.items()
        }
        result.append(((pull,), difference))
    return result


def _add_backgrounds(collector: _Collector, experiment: Experiment) -> None:
    by_name = {background.name: background for background in experiment.backgrounds}
    for background in experiment.backgrounds:
        counts = background.counts
        for name in background.subtract:
            if name == "solar_nu":
                counts = counts - standard_model_counts(experiment)
            elif name in by_name:
                counts = counts - by_name[name].counts
            else:
                raise InputError(
                    experiment.path,
                    f"backgrounds.{background.name}.subtract",
                    found=repr(name),
                    expected="solar_nu or another background",
                )
        # A curve read off a figure can dip below what is subtracted from it by a rounding.
        counts = np.maximum(counts, 0.0)
        factors: tuple[str, ...] = ()
        if background.prior is not None:
            own = f"{background.name}_{_identifier(experiment)}"
            nuisance = Parameter(
                f"background_{background.shared or own}", "background", background.prior
            )
            factors = (collector.add(nuisance),)
        collector.term(factors, experiment.name, background.name, counts)
