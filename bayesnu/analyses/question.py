"""The question: what do which data say about which parameters of which signal?

The only place that finds experiments and signals by name. Whatever is asked further (a limit, a
contour, an exclusion, a sensitivity) takes a question, or what makes one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, cast

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.likelihood.held import held
from bayesnu.likelihood.likelihood import Likelihood, Parameter
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.ambient import is_ambient, needs_graph
from bayesnu.model.build import Ingredients, polynomial_likelihood
from bayesnu.model.signal_prior import PriorName
from bayesnu.physics.signals import Signal, signal_for
from bayesnu.results.about import About
from bayesnu.types import INTERVAL_KINDS, Array, IntervalKind

if TYPE_CHECKING:
    import pymc as pm

PriorChoice = PriorName | str | Any
"""A name, a prior in words as of `bayesnu.likelihood.other_priors`, or a distribution of SciPy."""

FitKind = Literal["one-at-a-time", "marginal"]
Experiments = Sequence[str | Path | Experiment]

LEAST_ACCURACY = 1e-3
"""As many draws as fit into memory are not enough for less."""


class Asked(TypedDict, total=False):
    """What a question may say beside experiments, signal and parameters; see `Question`.

    `fit` is the short form of `free`: ``marginal`` frees all parameters of the signal.
    """

    fit: FitKind
    free: Sequence[str]
    fixed: Mapping[str, float] | None
    prior: PriorChoice
    prior_range: tuple[float, float] | None
    level: float
    more_levels: Sequence[float]
    dof: int
    interval: IntervalKind | None
    accuracy: float | None
    observed: Mapping[str, Array] | None


@dataclass(frozen=True, eq=False)
class Question:
    """Data, signal and parameters, and what is held or free beside them."""

    experiments: tuple[Experiment, ...]
    signal: Signal
    """In the units of these experiments together."""
    parameters: tuple[str, ...]
    """Of interest."""
    free: tuple[str, ...] = ()
    """Of the signal's other parameters, those that are free as well."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    """Values that are held, in the units of the signal."""
    prior: PriorChoice = "flat"
    """Of the signal's parameters; others than `PriorName` in limits only."""
    prior_range: tuple[float, float] | None = None
    """Of the first parameter's prior, instead of the usual one; it bounds the profile too."""
    level: float = 0.9
    """Confidence level, and credibility."""
    more_levels: tuple[float, ...] = ()
    """Others, at which a limit is stated too."""
    dof: int = 1
    """Degrees of freedom of the cut on Delta chi2."""
    interval: IntervalKind | None = None
    """Of a limit's credible statement; None: an upper limit on a size, else highest density."""
    accuracy: float | None = None
    """What the Monte Carlo error of each credible end may be, as a share of the interval's width
    (of an upper limit, of the limit): as many draws are made. None: 3%, if few more do."""
    observed: Mapping[str, Array] | None = None
    """Counts by experiment instead of the data: Asimov data, projections."""

    @classmethod
    def of(
        cls,
        experiments: Experiments,
        signal: str | Signal,
        parameters: Sequence[str],
        **asked: Unpack[Asked],
    ) -> Self:
        """Return a question from names, paths or objects.

        Raises
        ------
        InputError
            If there is nothing of a name, or what is asked contradicts itself.
        """
        loaded = as_experiments(experiments)
        model = signal_of(signal, loaded)
        named = tuple(dict.fromkeys(parameters))
        free: dict[str, None] = {}
        for name in named:
            free |= dict.fromkeys(_freed(model, name, asked.get("fit", "one-at-a-time")))
        free |= dict.fromkeys(asked.get("free", ()))
        return cls(
            loaded,
            model,
            named,
            free=tuple(name for name in free if name not in named),
            fixed=dict(asked.get("fixed") or {}),
            prior=asked.get("prior", "flat"),
            prior_range=_checked_range(asked.get("prior_range")),
            level=asked.get("level", 0.9),
            more_levels=tuple(asked.get("more_levels", ())),
            dof=asked.get("dof", 1),
            interval=_known_kind(asked.get("interval")),
            accuracy=_possible(asked.get("accuracy")),
            observed=asked.get("observed"),
        )

    def but(self, **asked: Unpack[Asked]) -> Self:
        """Return the question with something changed."""
        everything: Asked = {
            "free": self.free,
            "fixed": self.fixed,
            "prior": self.prior,
            "prior_range": self.prior_range,
            "level": self.level,
            "more_levels": self.more_levels,
            "dof": self.dof,
            "interval": self.interval,
            "accuracy": self.accuracy,
            "observed": self.observed,
        }
        everything.update(asked)
        return self.of(self.experiments, self.signal, self.parameters, **everything)

    def to(self, experiments: Experiments) -> Self:
        """Return the same question to other experiments, in the same units."""
        return replace(self, experiments=as_experiments(experiments))

    @property
    def parameter(self) -> str:
        """The parameter of interest, the first if there are several."""
        return self.parameters[0]

    @property
    def fit(self) -> FitKind:
        """Whether other parameters of the signal are free."""
        return "marginal" if self.free else "one-at-a-time"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the experiments."""
        return tuple(experiment.name for experiment in self.experiments)

    @property
    def threshold(self) -> float:
        """The cut on Delta chi2."""
        return threshold(self.level, self.dof)

    @property
    def likelihood_prior(self) -> PriorName:
        """The prior as a likelihood has it; `signal_prior` refuses one that it cannot have."""
        return cast(PriorName, self.prior)

    @cached_property
    def likelihood(self) -> Likelihood:
        """The likelihood of the free parameters."""
        made = Ingredients.checked(
            self.experiments,
            self.signal,
            (*self.parameters, *self.free),
            self.fixed,
            self.likelihood_prior,
            self.observed or {},
            graph=self.route == "graph",
        )
        if self.route == "graph":
            from bayesnu.model.graph.likelihood import graph_likelihood

            return self._in_range(graph_likelihood(made))
        return self._in_range(polynomial_likelihood(made))

    def _in_range(self, likelihood: Likelihood) -> Likelihood:
        """Return the likelihood with the range that was asked for."""
        if self.prior_range is None:
            return likelihood
        parameter = likelihood.parameters[likelihood.index(self.parameter)]
        prior, (low, high) = parameter.prior, self.prior_range
        least = 0.0 if parameter.one_sided else -parameter.most
        if prior.power:
            least = 0.0
        if parameter.periodic or low < least or high > parameter.most:
            raise InputError(
                "--prior-range",
                self.parameter,
                found=f"{low:g} to {high:g}",
                expected="an angle has no range"
                if parameter.periodic
                else f"within {least:g} and {parameter.most:g}",
            )
        if prior.is_logarithmic and low <= 0.0:
            raise InputError("--prior-range", self.parameter, found=low, expected="above zero")
        return likelihood.with_prior(self.parameter, replace(prior, low=low, high=high))

    @property
    def route(self) -> Literal["compiled", "graph"]:
        """How its posterior is sampled: counts that are no polynomial go through the graph."""
        graph = needs_graph(self.signal, (*self.parameters, *self.free))
        return "graph" if graph else "compiled"

    @property
    def meta(self) -> Parameter:
        """The parameter of interest as the likelihood has it."""
        return self.likelihood.parameters[self.likelihood.index(self.parameter)]

    @cached_property
    def about(self) -> About:
        """What a result keeps of the question."""
        found = held(self.likelihood)
        return About(
            experiments=self.names,
            inputs={experiment.name: experiment.digest for experiment in self.experiments},
            signal=self.signal.tag,
            reference=self.signal.reference,
            parameter=self.parameter,
            unit=self.meta.unit,
            latex=self.meta.latex,
            level=self.level,
            free=tuple(p.name for p in self.likelihood.parameters if p.role == "signal"),
            fixed=found["fixed"],
            fixed_units=found["fixed_units"],
        )

    def model(self) -> pm.Model:
        """Return the likelihood as a PyMC model."""
        from bayesnu.model.graph.model import graph_model

        return graph_model(self.likelihood)


def _checked_range(given: tuple[float, float] | None) -> tuple[float, float] | None:
    if given is None:
        return None
    low, high = map(float, given)
    if not (isfinite(low) and isfinite(high) and low < high):
        raise InputError(
            "--prior-range", "range", found=f"{low:g} to {high:g}", expected="LOW below HIGH"
        )
    return low, high


def as_question(
    given: Question | Experiments,
    signal: str | Signal | None,
    parameters: str | Sequence[str] | None,
    asked: Asked,
) -> Question:
    """Return a question, be it given as one or as what makes one."""
    if isinstance(given, Question):
        return given.but(**asked)
    if signal is None or parameters is None:
        raise InputError("question", "signal, parameter", found="none", expected="both")
    named = [parameters] if isinstance(parameters, str) else parameters
    return Question.of(given, signal, named, **asked)


def likelihood_of(
    experiments: Question | Experiments,
    signal: str | Signal | None = None,
    parameters: Sequence[str] | None = None,
    **asked: Unpack[Asked],
) -> Likelihood:
    """Return the likelihood of experiments, given by name, for some parameters of a signal.

    Parameters
    ----------
    parameters : sequence of str
        Free ones; all of the signal's with ``fit="marginal"``.
    **asked
        The fields of `Asked`.
    """
    return as_question(experiments, signal, parameters, asked).likelihood


def as_experiments(experiments: Experiments) -> tuple[Experiment, ...]:
    """Load what is given by name or path."""
    return tuple(e if isinstance(e, Experiment) else load(e) for e in experiments)


def signal_of(signal: str | Signal, experiments: Sequence[Experiment]) -> Signal:
    """Return a signal in the units of a question to these experiments together."""
    found = signal_for(signal, (experiment.recoils for experiment in experiments))
    sun = [experiment.source().flux for experiment in experiments if experiment.sees_sun]
    return found.with_fluxes({name: value for flux in sun for name, value in flux.items()})


def _known_kind(kind: IntervalKind | None) -> IntervalKind | None:
    if kind is not None and kind not in INTERVAL_KINDS:
        expected = " | ".join(INTERVAL_KINDS)
        raise InputError("--interval", "interval", found=repr(kind), expected=expected)
    return kind


def _possible(accuracy: float | None) -> float | None:
    if accuracy is not None and not LEAST_ACCURACY <= accuracy <= 1.0:
        expected = f"in [{100 * LEAST_ACCURACY:g}%, 100%]"
        raise InputError("--accuracy", "accuracy", found=f"{100 * accuracy:g}%", expected=expected)
    return accuracy


def _freed(signal: Signal, parameter: str, fit: FitKind) -> tuple[str, ...]:
    """Return the signal parameters that a fit frees, the one of interest first.

    Raises
    ------
    InputError
        If the parameter is unknown, or an effective one is asked for in a marginal fit.
    """
    if is_ambient(signal, parameter):
        return (parameter,)
    found = signal.parameter(parameter)
    if fit == "one-at-a-time":
        return (parameter,)
    if fit != "marginal":
        raise InputError("--fit", "fit", found=fit, expected="one-at-a-time | marginal")
    if found.sets:
        raise InputError(
            "--fit",
            "fit",
            found=f"marginal with the effective parameter {parameter}",
            expected=f"one-at-a-time, or one of {', '.join(signal.elementary())}",
        )
    return (parameter, *(name for name in signal.elementary() if name != parameter))
