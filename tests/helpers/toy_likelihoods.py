"""Likelihoods made by hand, and posteriors and chi2 written out without the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from monte_carlo import generator

from bayesnu.likelihood.bins import Bins
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood, Parameter
from bayesnu.likelihood.priors import Prior, log_normal

Terms = Mapping[tuple[str, ...], Sequence[float]]


def signal(name: str, prior: Prior, one_sided: bool = False) -> Parameter:
    return Parameter(name, "signal", prior, "1", name, one_sided)


def nuisance(name: str, prior: Prior) -> Parameter:
    return Parameter(name, "background", prior)


def polynomial(
    parameters: Sequence[Parameter],
    terms: Terms,
    observed: Sequence[float],
    sigma: Sequence[float] | None = None,
) -> Likelihood:
    """Return a likelihood whose counts are a sum of templates times products of parameters."""
    names = [parameter.name for parameter in parameters]
    order = max(1, *(len(factors) for factors in terms))
    factors = np.full((len(terms), order), len(names), dtype=np.int64)
    for row, chosen in enumerate(terms):
        factors[row, : len(chosen)] = [names.index(name) for name in chosen]
    bins = len(observed)
    return Likelihood(
        parameters=tuple(parameters),
        factors=factors,
        templates=np.array(list(terms.values()), dtype=float),
        labels=tuple(("toy", "+".join(chosen) or "constant") for chosen in terms),
        observed=np.array(observed, dtype=float),
        sigma=np.zeros(bins) if sigma is None else np.array(sigma, dtype=float),
        stack=(Bins("toy", slice(0, bins), np.arange(bins + 1.0)),),
        provenance={"experiments": {"toy": "0"}, "signal": "toy"},
    )


def uncertain_efficiency(sigma: float = 0.4) -> Likelihood:
    """A size that enters squared times a log-normal efficiency and a flux, on a background."""
    return polynomial(
        [
            signal("s", Prior(low=0.0, high=50.0), one_sided=True),
            nuisance("efficiency", log_normal(sigma)),
            nuisance("flux", Prior(low=0.0, centre=1.0, sigma=0.1)),
            nuisance("b", Prior(low=0.0, centre=1.0, sigma=0.2)),
        ],
        {
            ("s", "s", "efficiency", "flux"): [3.0, 1.0, 0.3],
            ("efficiency", "flux"): [2.0, 2.0, 2.0],
            ("b",): [4.0, 6.0, 9.0],
        },
        [8.0, 9.0, 10.0],
    )


def linear_gaussian(scale: float = 1.0, seed: int = 5) -> Likelihood:
    """Two signal parameters and a nuisance with a pull, all linear, Gaussian bins.

    The first parameter's template is multiplied by `scale`.
    """
    rng = generator(seed)
    bins = 12
    shapes = rng.uniform(1.0, 3.0, size=(3, bins))
    sigma = rng.uniform(3.0, 5.0, size=bins)
    wide = Prior(low=-1e7, high=1e7)
    constant = np.full(bins, 50.0)
    return polynomial(
        [signal("a", wide), signal("b", wide), nuisance("n", Prior(centre=1.0, sigma=0.3))],
        {(): constant, ("a",): scale * shapes[0], ("b",): shapes[1], ("n",): 4.0 * shapes[2]},
        constant + 4.0 * shapes[2] + sigma * rng.normal(size=bins),
        sigma,
    )


def linear_solution(likelihood: Likelihood) -> tuple[np.ndarray, np.ndarray, float]:
    """Return best fit, covariance and smallest chi2 of `linear_gaussian`, by linear algebra."""
    constant, a, b, n = likelihood.templates
    design = np.vstack([np.stack([a, b, n], axis=1) / likelihood.sigma[:, None], [0, 0, 1 / 0.3]])
    target = np.append((likelihood.observed - constant) / likelihood.sigma, 1 / 0.3)
    covariance = np.linalg.inv(design.T @ design)
    best = covariance @ design.T @ target
    return best, covariance, float(np.sum((design @ best - target) ** 2))


def chi2_by_hand(likelihood: Likelihood, x: np.ndarray) -> float:
    """Return chi2 with pulls, term by term and bin by bin."""
    total = 0.0
    for b, (n, sigma) in enumerate(zip(likelihood.observed, likelihood.sigma, strict=True)):
        counts = 0.0
        for row, template in zip(likelihood.factors, likelihood.templates, strict=True):
            product = template[b]
            for index in row:
                if index < len(x):
                    product *= x[index]
                elif index > 3 * len(x):
                    t = abs(x[index - 3 * len(x) - 1])
                    product *= t * t if t <= 1.0 else 2.0 * t - 1.0
            counts += product
        counts = max(counts, COUNTS_FLOOR)
        if sigma > 0:
            total += ((counts - n) / sigma) ** 2
        else:
            total += 2.0 * (counts - n + (n * np.log(n / counts) if n > 0 else 0.0))
    for value, parameter in zip(x, likelihood.parameters, strict=True):
        prior = parameter.prior
        off = np.log(value / prior.centre) if prior.log_normal else value - prior.centre
        total += (off / prior.sigma) ** 2
    return total


def central(function, x, step):
    """Return the derivative of a function of a vector, with an error of step^4."""
    rows = []
    for index in range(len(x)):
        shift = np.zeros(len(x))
        shift[index] = step
        one = np.asarray(function(x + shift)) - function(x - shift)
        two = np.asarray(function(x + 2 * shift)) - function(x - 2 * shift)
        rows.append((8.0 * one - two) / (12.0 * step))
    return np.array(rows)


def measurements(
    values: Sequence[float],
    errors: Sequence[float],
    prior: Prior,
    shared: float | None = None,
) -> Likelihood:
    """Return experiments a, b, c, ... that each measure x (x flux, of relative width `shared`)."""
    parameters = [signal("x", prior)]
    of: tuple[str, ...] = ("x",)
    if shared is not None:
        parameters.append(nuisance("flux", Prior(centre=1.0, sigma=shared)))
        of = ("x", "flux")
    made = polynomial(parameters, {of: [1.0]}, [values[0]], [errors[0]])
    number = len(values)
    names = [chr(ord("a") + place) for place in range(number)]
    return replace(
        made,
        factors=np.tile(made.factors, (number, 1)),
        templates=np.eye(number),
        labels=tuple((name, "solar_nu") for name in names),
        observed=np.array(values, dtype=float),
        sigma=np.array(errors, dtype=float),
        stack=tuple(
            Bins(name, slice(place, place + 1), np.arange(2.0)) for place, name in enumerate(names)
        ),
        provenance={"experiments": dict.fromkeys(names, "0"), "signal": "toy"},
    )
