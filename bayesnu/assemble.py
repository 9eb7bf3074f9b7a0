"""Experiments + signal -> one `Likelihood`: names the parameters and collects the terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bayesnu import priors
from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.response import YIELD_RANGE
from bayesnu.experiments.schema import Oscillation
from bayesnu.likelihood import Bins, Likelihood, Parameter, factor_names
from bayesnu.moments.combine import is_effective_moment, oscillation_of, terms_of
from bayesnu.moments.experiment import TERM as MU_SQUARED
from bayesnu.polynomials import Expansion, expansion
from bayesnu.priors import Prior
from bayesnu.signals.base import Signal, SignalParameter, check_values
from bayesnu.solar_rate import OSCILLATION_NUISANCES, solar_rate, standard_model_counts

Array = NDArray[np.float64]
PriorName = Literal["flat", "flat-squared", "log"]

LOG_PRIOR_FLOOR = 1e-2
"""A log-uniform prior starts at this size in the parameter's O(1) unit; it must be stated."""


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


def signal_prior(parameter: SignalParameter, name: PriorName) -> Prior:
    """Return the prior of a signal parameter by its name.

    ``flat`` in [0, reach] or [-reach, reach]; ``flat-squared``: flat in x^2, and ``log``:
    flat in log x above `LOG_PRIOR_FLOOR`, both for one-sided parameters only. Angles are flat
    on the circle whatever the name: with sizes flat in the square, a complex parameter is then
    flat in its real and imaginary parts.
    """
    if parameter.periodic:
        return priors.flat(-parameter.reach, parameter.reach)
    low = 0.0 if parameter.one_sided else -parameter.reach
    if name == "flat":
        return priors.flat(low, parameter.reach)
    if not parameter.one_sided:
        raise InputError(
            f"parameter {parameter.name}",
            "prior",
            found=name,
            expected="flat (the parameter can be negative)",
        )
    if name == "flat-squared":
        return Prior(low=0.0, high=parameter.reach, power=1.0)
    return Prior(low=LOG_PRIOR_FLOOR, high=parameter.reach, power=-1.0)


def check_compatible(experiments: Sequence[Experiment]) -> None:
    """Refuse to count events twice, or to mix treatments of neutrinos.

    Raises
    ------
    InputError
        With the names of the files that clash.
    """
    if not experiments:
        raise InputError("experiments", "list", found="none", expected="at least one")
    for index, one in enumerate(experiments):
        for other in experiments[index + 1 :]:
            if base_name(one.name) == base_name(other.name):
                raise InputError(
                    one.path,
                    "experiments",
                    found=f"{one.name} and {other.name}, which hold the same events",
                    expected="one of them",
                )
            for new, old in ((one, other), (other, one)):
                if base_name(old.name) in new.file.supersedes:
                    raise InputError(
                        new.path,
                        "supersedes",
                        found=f"{new.name} with {old.name}, whose events it contains",
                        expected="one of them",
                    )
                if base_name(old.name) in new.file.overlaps:
                    raise InputError(
                        new.path,
                        "overlaps",
                        found=f"{new.name} with {old.name}, which may share events",
                        expected="one of them",
                    )
            if is_effective_moment(one) != is_effective_moment(other):
                continue  # the treatment of the one that counts recoils holds for both
            difference = _difference(one, other)
            if difference:
                raise InputError(
                    other.path,
                    "neutrinos",
                    found=difference,
                    expected=f"the same treatment as {one.name}",
                )


def base_name(name: str) -> str:
    """Return the experiment of a variant: ``xenonnt-2022-er`` of ``xenonnt-2022-er@khan-2022``."""
    return name.partition("@")[0]


def _identifier(experiment: Experiment) -> str:
    """Return the experiment's name as a part of a variable's name."""
    return base_name(experiment.name).replace("-", "_")


def _difference(one: Experiment, other: Experiment) -> str:
    """Return what two experiments say differently about the same neutrinos; empty if nothing.

    Each may have its own components; experiments of different channels, which see different
    components, also their own survival probability and treatment of the target.
    """
    a, b = one.neutrinos.model_dump(), other.neutrinos.model_dump()
    common = set(a["components"]) & set(b["components"])
    for treatment in (a, b):
        for key in ("flux", "flux_sigma"):
            treatment[key] = {c: v for c, v in treatment[key].items() if c in common}
    own = {"components"}
    if one.file.channel != other.file.channel:
        own |= {"survival", "couplings", "atomic", "neutrino_mass_eV", "nuclei", "form_factor"}
    return ", ".join(f"{key} = {b[key]}" for key in a if key not in own and a[key] != b[key])


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
        observed: Mapping[str, Array],
    ) -> Likelihood:
        """Stack the bins of all experiments."""
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
        counts = np.concatenate([_counts(e, observed) for e in experiments])
        sigma = np.concatenate(
            [np.zeros(e.bins) if e.sigma is None else e.sigma for e in experiments]
        )
        return Likelihood(
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
        extra = (collector.add(_signal_nuisance(experiment, experiment.file.signal_sigma)),)
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


def _signal_nuisance(experiment: Experiment, sigma: float) -> Parameter:
    """Return the norm of what is detected of the signal: log-normal unless the file says else."""
    gaussian = experiment.file.signal_prior == "gaussian"
    prior = priors.gaussian(1.0, sigma, low=0.0) if gaussian else priors.log_normal(sigma)
    return Parameter(f"signal_{_identifier(experiment)}", "response", prior)


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
