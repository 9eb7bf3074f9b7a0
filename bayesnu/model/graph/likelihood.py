"""A likelihood whose counts are no polynomial: a mass, or a mixing angle, is free.

It answers what a posterior asks of a likelihood, through the graph of the model; what needs the
polynomial (fits, profiles, toys) is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood
from bayesnu.likelihood.priors import Prior
from bayesnu.model.ambient import changes_of, is_ambient, needs_graph
from bayesnu.model.beam_terms import is_effective_moment
from bayesnu.model.build import Ingredients
from bayesnu.model.collector import Collector
from bayesnu.model.flavour_moments import moments_by_flavour
from bayesnu.model.graph.density import GraphDensity, graph_density
from bayesnu.model.graph.model import collected_by_name, expected_of
from bayesnu.model.graph.rows import combination
from bayesnu.types import Array


class GraphLikelihood(Likelihood):
    """The likelihood of parameters of which some are no polynomial's."""

    route = "graph"

    def __init__(self, base: Likelihood, labels: tuple[tuple[str, str], ...]) -> None:
        kept = {f.name: getattr(base, f.name) for f in fields(Likelihood)}
        self.__dict__.update(kept | {"labels": labels})
        del self.__dict__["factors"], self.__dict__["templates"]

    @property
    def made(self) -> Ingredients:
        """What it was made of."""
        assert isinstance(self.origin, Ingredients)
        return self.origin

    @property
    def factors(self) -> NDArray[np.int64]:
        """Refused: the polynomial's."""
        raise self._refused()

    @property
    def templates(self) -> Array:
        """Refused: the polynomial's."""
        raise self._refused()

    def polynomial(self) -> Likelihood:
        """Refused."""
        raise self._refused()

    def _refused(self) -> InputError:
        signal = self.made.signal
        names = [n for n in self.made.free if needs_graph(signal, [n])]
        ambient = is_ambient(signal, names[0])
        mass = signal.has_couplings and not ambient and signal.parameter(names[0]).shape
        return InputError(
            f"signal {signal.tag}",
            names[0],
            found=f"a free {'mass' if mass else 'parameter'}, in which the counts are no "
            "polynomial",
            expected="its posterior (limit --method posterior, or sample), a value that is held"
            + (f" (--set {names[0]}=NUMBER), or an exclusion plane" if mass else ""),
        )

    def density(self) -> GraphDensity:
        """Return the density to be sampled."""
        return graph_density(self, self.made, self.counts_of)

    @cached_property
    def start(self) -> Array:
        """A typical point: no signal, masses in the middle, angles as the file has them."""
        x = np.array([p.prior.start for p in self.parameters])
        for index, p in enumerate(self.parameters):
            low, high = p.prior.low, p.prior.high
            if p.prior.is_logarithmic and not p.prior.has_pull:
                x[index] = np.sqrt(low * high)
            elif p.role == "signal" and not p.prior.has_pull:
                x[index] = np.clip(p.standard, low, high)
        return x

    @cached_property
    def angles(self) -> tuple[int, ...]:
        """Parameters that enter through their cosine or sine."""
        return tuple(index for index, p in enumerate(self.parameters) if p.periodic)

    @cached_property
    def has_angles(self) -> bool:
        """Whether there are any."""
        return bool(self.angles)

    def with_observed(self, observed: Array) -> Self:
        """Return the same likelihood with other counts."""
        self.check_observed(observed)
        return self._but(observed=np.asarray(observed, dtype=float))

    def with_prior(self, name: str, prior: Prior) -> Self:
        """Return the same likelihood with another prior of one parameter."""
        index = self.index(name)
        changed = replace(self.parameters[index], prior=prior)
        return self._but(
            parameters=(*self.parameters[:index], changed, *self.parameters[index + 1 :])
        )

    def with_fixed(self, values: Mapping[str, float]) -> Self:
        """Return the likelihood with some parameters held at values and no longer parameters."""
        for name in values:
            self.index(name)
        return self._but(
            parameters=tuple(p for p in self.parameters if p.name not in values),
            held={**self.held, **values},
        )

    def _but(self, **changes: Any) -> Self:
        found = type(self).__new__(type(self))
        known = {f.name for f in fields(Likelihood)}  # and nothing that was computed of old values
        found.__dict__.update({n: v for n, v in self.__dict__.items() if n in known} | changes)
        return found

    def counts_of(self, values: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
        """Return expected counts by experiment and component as tensors.

        Parameters
        ----------
        values : mapping
            Of the parameters, tensors.
        """
        found = expected_of(self.made, self.stack, {**self.held, **values})
        return {
            (experiment, component): counts
            for experiment, expected in found.items()
            for component, counts in expected.components.items()
        }

    @cached_property
    def _counts(self) -> Callable[[Array], list[Array]]:
        """The compiled function from parameters to expected counts by component."""
        import pytensor
        import pytensor.tensor as pt

        x = pt.dvector("x")
        counts = self.counts_of({name: x[i] for i, name in enumerate(self.names)})
        outputs = [counts[label] for label in self.labels]
        compiled: Callable[[Array], list[Array]] = pytensor.function([x], outputs)
        return compiled

    def components(self, x: Array) -> dict[tuple[str, str], Array]:
        """Return expected counts by (experiment, component), each over that experiment's bins."""
        return dict(zip(self.labels, self._counts(np.asarray(x, dtype=float)), strict=True))

    def expected(self, x: Array) -> Array:
        """Return expected counts, shape (..., bins), for parameters of shape (..., parameters)."""
        points = np.asarray(x, dtype=float).reshape(-1, len(self.names))
        result = np.zeros((len(points), len(self.observed)))
        part = {bins.experiment: bins.part for bins in self.stack}
        for row, point in zip(result, points, strict=True):
            for (experiment, _), counts in self.components(point).items():
                row[part[experiment]] += counts
        return np.maximum(result, COUNTS_FLOOR).reshape(*np.shape(x)[:-1], -1)

    def chi2_and_gradient(self, x: Array) -> tuple[float, Array]:
        """Refused: fits need the polynomial."""
        raise self._refused()


def graph_likelihood(made: Ingredients) -> GraphLikelihood:
    """Return the likelihood of ingredients of which some are no polynomial's.

    Raises
    ------
    InputError
        If a mass is free and nothing depends on it, or mixing parameters are free beside beams.
    """
    _check(made)
    found, _ = collected_by_name(made)
    known = Collector()
    known.parameters = found.parameters
    known.terms = [term for term in found.terms if combination(term[3]) is None]
    base = known.finish(made.experiments, made.signal, made.fixed, made.observed)
    labels = dict.fromkeys((where, what) for _, where, what, _ in found.terms)
    return GraphLikelihood(replace(base, origin=made), tuple(labels))


def _check(made: Ingredients) -> None:
    signal = made.signal
    ambient = [name for name in made.free if is_ambient(signal, name)]
    if changes_of(dict.fromkeys(ambient, 0.0)) and any(map(is_effective_moment, made.experiments)):
        raise InputError(
            "question",
            ambient[0],
            found="free, beside the effective moment of a beam, which depends on it by its pull",
            expected="experiments that count recoils, or no free mixing parameter",
        )
    for experiment in made.experiments:
        if ambient and moments_by_flavour(experiment, signal):
            raise InputError(
                "question",
                ambient[0],
                found=f"free, beside moments of mass states in {experiment.name}",
                expected="another signal, or a value for it",
            )
    masses = [n for n in made.free if n not in ambient and signal.parameter(n).shape]
    others = [n for n in made.free if n not in ambient and n not in masses]
    held = [n for n, v in made.fixed.items() if v != 0.0 and not signal.parameter(n).shape]
    if masses and signal.has_couplings and not others and not held:
        raise InputError(
            f"signal {signal.tag}",
            masses[0],
            found="a free mass without a coupling",
            expected=f"a coupling as well, or a value (--set {masses[0]}=NUMBER)",
        )
