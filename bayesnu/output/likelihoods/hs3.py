"""HS3, the HEP Statistics Serialization Standard: parameters themselves, products and polynomials.

Poisson bins of an experiment are a ``histfactory_dist`` with one sample for each term, whose
normfactor is the product of the term's factors. Constraints, and Gaussian bins, are Gaussians.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from bayesnu import __version__
from bayesnu.errors import InputError
from bayesnu.files.json_text import plain_json
from bayesnu.files.whole import write_text
from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.factors import bend, cosine, sine
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.output.likelihoods.facts import Term, about, terms_of

VERSION = "0.2"

BEND = "((abs({0}) + 1 - abs(abs({0}) - 1)) / 2)**2 + abs({0}) - 1 + abs(abs({0}) - 1)"
"""min(|x|, 1)^2 + 2 max(|x| - 1, 0), which is the bend."""


def write(likelihood: Likelihood, kind: str, folder: Path) -> list[Path]:
    """Write hs3.json."""
    return [write_text(folder / f"{kind}.json", plain_json(document(likelihood)))]


def document(likelihood: Likelihood) -> dict[str, Any]:
    """Return the likelihood as HS3 has it."""
    return _Document(likelihood).finish()


class _Document:
    """HS3 in the making: functions are added as terms ask for them."""

    def __init__(self, likelihood: Likelihood) -> None:
        self.likelihood = likelihood
        self.functions: dict[str, dict[str, Any]] = {}
        self.constants: dict[str, float] = {"one": 1.0}
        self.distributions: list[dict[str, Any]] = []
        self.data: list[dict[str, Any]] = []
        self.counted: list[str] = []
        self.constraints: list[str] = []
        self.names: dict[str, str] = {}
        for parameter in likelihood.parameters:
            plain = re.sub(r"\W", "_", parameter.name)
            if plain in self.names.values():
                raise InputError(
                    "HS3", parameter.name, found=f"a second {plain}", expected="distinct names"
                )
            self.names[parameter.name] = plain

    def finish(self) -> dict[str, Any]:
        terms = list(terms_of(self.likelihood))
        for bins in self.likelihood.stack:
            own = [term for term in terms if term.experiment == bins.experiment]
            poisson = self.likelihood.poisson[bins.part]
            if poisson.all():
                self.add_poisson(bins, own)
            else:
                self.add_gaussian(bins, own, poisson)
        for parameter in self.likelihood.parameters:
            self.add_constraint(parameter.name)
        return {
            "metadata": {
                "hs3_version": VERSION,
                "packages": [{"name": "bayesnu", "version": __version__}],
                "description": f"{self.likelihood.signal}: "
                + ", ".join(self.likelihood.experiments),
            },
            "distributions": self.distributions,
            "functions": list(self.functions.values()),
            "data": self.data,
            "domains": [{"name": "default_domain", "type": "product_domain", "axes": self.axes()}],
            "parameter_points": [{"name": "start", "parameters": self.points()}],
            "likelihoods": [
                {
                    "name": "likelihood",
                    "distributions": self.counted,
                    "data": [f"observed_{name}" for name in self.counted],
                    "aux_distributions": self.constraints,
                }
            ],
            "analyses": [
                {
                    "name": "analysis",
                    "likelihood": "likelihood",
                    "parameters_of_interest": [self.names[n] for n in self.likelihood.signals],
                    "domains": ["default_domain"],
                    "init": "start",
                }
            ],
            "misc": {"bayesnu": {**about(self.likelihood), "names": self.names}},
        }

    def axes(self) -> list[dict[str, Any]]:
        ends = zip(self.likelihood.names, self.likelihood.low, self.likelihood.high, strict=True)
        return [
            {"name": self.names[name]}
            | ({"min": float(low)} if np.isfinite(low) else {})
            | ({"max": float(high)} if np.isfinite(high) else {})
            for name, low, high in ends
        ]

    def points(self) -> list[dict[str, Any]]:
        start = zip(self.likelihood.names, self.likelihood.start, strict=True)
        return [
            *({"name": self.names[name], "value": float(value)} for name, value in start),
            *({"name": n, "value": v, "const": True} for n, v in self.constants.items()),
        ]

    def factor(self, factor: str) -> str:
        """Return the parameter, or the function of one, that a factor is."""
        if factor in self.names:
            return self.names[factor]
        for own, plain in self.names.items():
            for known, words, form in (
                (cosine(own), f"cos_of_{plain}", "cos({0})"),
                (sine(own), f"sin_of_{plain}", "sin({0})"),
                (bend(own), f"bend_of_{plain}", BEND),
            ):
                if factor == known:
                    return self.generic(words, form.format(plain))
        raise InputError("HS3", "factor", found=factor, expected="a factor of a parameter")

    def generic(self, name: str, expression: str) -> str:
        entry = {"name": name, "type": "generic_function", "expression": expression}
        self.functions.setdefault(name, entry)
        return name

    def product(self, factors: tuple[str, ...]) -> str:
        """Return what has the product of some factors."""
        found = sorted(self.factor(factor) for factor in factors)
        if len(found) < 2:
            return found[0] if found else "one"
        name = "_times_".join(found)
        entry = {"name": name, "type": "product", "factors": found}
        self.functions.setdefault(name, entry)
        return name

    def add_poisson(self, bins: Bins, terms: list[Term]) -> None:
        name = re.sub(r"\W", "_", bins.experiment)
        axis = {"name": f"{name}_bin", "edges": bins.edges.tolist()}
        samples = []
        for number, term in enumerate(terms):
            factor = self.product(term.factors)
            modifier = {"name": factor, "type": "normfactor", "parameter": factor}
            samples.append(
                {
                    "name": f"{term.component}_{number}",
                    "data": {"contents": term.counts, "errors": np.zeros(len(term.counts))},
                    "modifiers": [modifier],
                }
            )
        found = {"name": name, "type": "histfactory_dist", "axes": [axis], "samples": samples}
        self.distributions.append(found)
        observed = self.likelihood.observed[bins.part]
        self.data.append(
            {"name": f"observed_{name}", "type": "binned", "axes": [axis], "contents": observed}
        )
        self.counted.append(name)

    def add_gaussian(self, bins: Bins, terms: list[Term], poisson: Any) -> None:
        """Add bins with Gaussian errors; Poisson ones among them are refused."""
        if poisson.any():
            raise InputError(
                "HS3", bins.experiment, found="Poisson and Gaussian bins", expected="one kind"
            )
        name = re.sub(r"\W", "_", bins.experiment)
        observed, sigma = self.likelihood.observed[bins.part], self.likelihood.sigma[bins.part]
        for i, (count, error) in enumerate(zip(observed, sigma, strict=True)):
            summands = [
                f"({float(term.counts[i])!r}) * {self.product(term.factors)}"
                for term in terms
                if term.counts[i]
            ]
            mean = self.generic(f"expected_{name}_{i}", " + ".join(summands) or "0 * one")
            self.gaussian(f"bin_{name}_{i}", float(count), mean, float(error))

    def add_constraint(self, name: str) -> None:
        prior, plain = (
            self.likelihood.parameters[self.likelihood.index(name)].prior,
            self.names[name],
        )
        if prior.log_normal:
            mean = self.generic(f"log_of_{plain}", f"log({plain})")
            self.gaussian(f"constraint_{plain}", float(np.log(prior.centre)), mean, prior.sigma)
        elif prior.is_gaussian:
            self.gaussian(f"constraint_{plain}", prior.centre, plain, prior.sigma)

    def gaussian(self, name: str, x: float, mean: str, sigma: float) -> None:
        """Add the density of a constant x."""
        self.constants[f"nominal_{name}"] = x
        self.distributions.append(
            {"name": name, "type": "gaussian_dist", "x": f"nominal_{name}", "mean": mean}
            | {"sigma": float(sigma)}
        )
        self.constraints.append(name)
