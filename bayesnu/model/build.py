"""Experiments + signal -> one `Likelihood`: names the parameters and collects the terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.backgrounds import subtracted
from bayesnu.experiments.beam_limit import TERM as MU_SQUARED
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import YIELD_RANGE
from bayesnu.likelihood import priors
from bayesnu.likelihood.factors import cosine, factor_names, sine
from bayesnu.likelihood.likelihood import Bins, Likelihood, Parameter
from bayesnu.likelihood.names import nuisance_names, variable_names
from bayesnu.model.beam_terms import is_effective_moment, oscillation_of, terms_of
from bayesnu.model.compatible import check_compatible
from bayesnu.model.counts import observed_counts
from bayesnu.model.polynomial import Expansion, check_expansion, expansion
from bayesnu.model.rate import OSCILLATION_NUISANCES, solar_rate, standard_model_counts
from bayesnu.model.signal_prior import PriorName, signal_prior
from bayesnu.physics.signals.base import (
    Signal,
    check_hooks,
    check_values,
    held_values,
)
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
        If experiments overlap, disagree about neutrinos or a shared nuisance, if there are no data
        or the counts given are none, if a fixed value is no size or beyond reason, or if an
        effective parameter would be added to one that it sets.
    """
    check_compatible(experiments)
    check_hooks(signal)
    check_values(signal, fixed or {})
    fixed = held_values(signal, free, fixed or {})
    collector = _Collector(nuisance_names(_own_nuisances(experiments)))
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
            ),
            "signal",
        )
    for experiment in experiments:
        if is_effective_moment(experiment):
            oscillation = oscillation_of(experiments)
            _add_effective_moment(collector, experiment, signal, free, fixed, oscillation)
            continue
        _add_solar(collector, experiment, signal, tuple(free), fixed)
        _add_backgrounds(collector, experiment)
    _check_effect(collector, signal, free, fixed)
    return collector.finish(experiments, signal, fixed, observed or {})


def _check_effect(
    collector: _Collector, signal: Signal, free: Sequence[str], fixed: Mapping[str, float]
) -> None:
    """Refuse a signal that changes no counts; one that is only too heavy to be seen is none."""
    used = {name for factors, *_ in collector.terms for name in factors}
    seen = any(used & {name, cosine(name), sine(name)} for name in free)
    massive = any(fixed.get(p.name, 0.0) > 0.0 for p in signal.parameters if p.shape)
    if free and not seen and not massive:
        where = ", ".join(dict.fromkeys(experiment for _, experiment, *_ in collector.terms))
        raise InputError(
            f"signal {signal.tag}",
            ", ".join(free),
            found=f"no effect on the counts of {where}",
            expected="a parameter that changes them",
        )


def _own_nuisances(experiments: Sequence[Experiment]) -> list[tuple[str, str]]:
    """Return kind and experiment of every nuisance that belongs to one experiment alone."""
    return [
        (kind, experiment.name)
        for experiment in experiments
        for kind in (
            "signal",
            *(name for factors in experiment.response_factors for name in factors),
            *(_background_kind(b.name) for b in experiment.backgrounds),
        )
    ]


def _background_kind(name: str) -> str:
    return f"background_{name}"


class _Collector:
    """Gathers parameters and terms; the order of first mention is the order of parameters."""

    def __init__(self, names: Mapping[tuple[str, str], str]) -> None:
        self.names = names
        self.parameters: dict[str, Parameter] = {}
        self._owners: dict[str, str] = {}
        self.terms: list[tuple[tuple[str, ...], str, str, Array]] = []

    def add(self, parameter: Parameter, owner: str = "shared") -> str:
        """Add a parameter, or find the one that is shared under its name.

        Parameters
        ----------
        parameter : Parameter
        owner : str
            Whose it is: two different things of one name are not taken for one.
        """
        known = self.parameters.setdefault(parameter.name, parameter)
        first = self._owners.setdefault(parameter.name, owner)
        if first != owner:
            raise InputError(
                f"nuisance {parameter.name}",
                "name",
                found=f"one name for two things, of {first} and of {owner}",
                expected="another name for one of them",
            )
        if known.prior != parameter.prior:
            raise InputError(
                f"nuisance {parameter.name}",
                "prior",
                found=parameter.prior.words(parameter.name),
                expected=f"{known.prior.words(parameter.name)}, as in the other experiment",
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
        fixed: Mapping[str, float],
        observed: Mapping[str, Array],
    ) -> Likelihood:
        """Stack the bins of all experiments."""
        for experiment in experiments:
            for name in set(variable_names(experiment.name)) & set(self.parameters):
                raise InputError(
                    f"signal {signal.tag}",
                    name,
                    found=f"the name of a variable of {experiment.name}",
                    expected="another name",
                )
        names = list(factor_names(tuple(self.parameters)))
        stack, start = [], 0
        for experiment in experiments:
            part = slice(start, start + experiment.bins)
            stack.append(Bins(experiment.name, part, experiment.edges, experiment.axis))
            start = part.stop
        where = {bins.experiment: bins.part for bins in stack}
        order = max(1, *(len(factors) for factors, *_ in self.terms))
        factors = np.full((len(self.terms), order), len(self.parameters), dtype=np.int64)
        templates = np.zeros((len(self.terms), start))
        for row, (chosen, experiment_name, _, template) in enumerate(self.terms):
            factors[row, : len(chosen)] = [names.index(name) for name in chosen]
            templates[row, where[experiment_name]] = template
        sigma = np.concatenate(
            [np.zeros(e.bins) if e.sigma is None else e.sigma for e in experiments]
        )
        return Likelihood(
            parameters=tuple(self.parameters.values()),
            factors=factors,
            templates=templates,
            labels=tuple((where_, what) for _, where_, what, _ in self.terms),
            observed=observed_counts(experiments, observed),
            sigma=sigma,
            stack=tuple(stack),
            provenance={
                "experiments": {e.name: e.digest for e in experiments},
                "signal": signal.tag,
                "fixed": dict(fixed),
                "fixed_units": {name: signal.parameter(name).unit for name in fixed},
            },
        )


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
    check_expansion(nominal, rate, signal, free, fixed)
    expansions: list[tuple[tuple[str, ...], Expansion]] = [((), nominal)]
    if treatment.oscillation.nuisances:
        expansions += _oscillation_terms(collector, experiment, signal, free, fixed)
    extra: tuple[str, ...] = ()
    if experiment.file.signal_sigma is not None:
        name = collector.names["signal", experiment.name]
        nuisance = _signal_nuisance(name, experiment, experiment.file.signal_sigma)
        extra = (collector.add(nuisance, experiment.name),)
    responses = [
        tuple(
            collector.add(_yield_nuisance(collector.names[name, experiment.name]), experiment.name)
            for name in factors
        )
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


def _signal_nuisance(name: str, experiment: Experiment, sigma: float) -> Parameter:
    """Return the norm of what is detected of the signal: log-normal unless the file says else."""
    gaussian = experiment.file.signal_prior == "gaussian"
    prior = priors.gaussian(1.0, sigma, low=0.0) if gaussian else priors.log_normal(sigma)
    return Parameter(name, "response", prior)


def _yield_nuisance(name: str) -> Parameter:
    """Return a standard normal that moves the response, within the range it is known in."""
    prior = priors.gaussian(0.0, 1.0, low=-YIELD_RANGE, high=YIELD_RANGE)
    return Parameter(name, "response", prior)


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
        if background.subtract:
            counts = subtracted(experiment.path, background, counts)
        factors: tuple[str, ...] = ()
        if background.prior is not None:
            name, owner = (
                collector.names[_background_kind(background.name), experiment.name],
                (f"{background.name} in {experiment.name}"),
            )
            if background.shared is not None:
                name, owner = f"background_{background.shared}", "shared"
            nuisance = Parameter(name, "background", background.prior)
            factors = (collector.add(nuisance, owner),)
        collector.term(factors, experiment.name, background.name, counts)
