"""What every format says of a likelihood: parameters, provenance, and the formula of chi2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bayesnu import __version__
from bayesnu.likelihood.factors import factor_names
from bayesnu.likelihood.likelihood import COUNTS_FLOOR, Likelihood
from bayesnu.types import Array

FORMULA = (
    "chi2 = sum over Poisson bins of 2 (lambda - n + n ln(n / lambda)) (0 ln 0 = 0) "
    "+ sum over Gaussian bins of ((lambda - n) / sigma)^2 "
    "+ sum over constrained parameters of ((x - centre) / sigma)^2, of ln(x / centre) / sigma "
    "where it is log-normal; lambda = sum over terms of counts times the product of the factors, "
    f"at least {COUNTS_FLOOR:g}. A factor is a parameter, 'cos NAME', 'sin NAME' or 'bend NAME': "
    "x^2 for |x| <= 1, 2 |x| - 1 beyond."
)


@dataclass(frozen=True)
class Term:
    """Counts of a component in an experiment's bins, and what multiplies them."""

    experiment: str
    component: str
    factors: tuple[str, ...]
    counts: Array


def terms_of(likelihood: Likelihood) -> Iterator[Term]:
    """Yield the terms, each over the bins of its own experiment."""
    names = factor_names(likelihood.names)
    one = len(likelihood.parameters)
    parts = {bins.experiment: bins.part for bins in likelihood.stack}
    for (experiment, component), factors, template in zip(
        likelihood.labels, likelihood.factors.tolist(), likelihood.templates, strict=True
    ):
        chosen = tuple(names[factor] for factor in factors if factor != one)
        yield Term(experiment, component, chosen, template[parts[experiment]])


def parameters_of(likelihood: Likelihood) -> list[dict[str, Any]]:
    """Return the parameters as plain values; an infinite bound, and no constraint, are None."""

    def finite(value: float) -> float | None:
        return float(value) if abs(value) < float("inf") else None

    return [
        {
            "name": p.name,
            "role": p.role,
            "unit": p.unit or "1",
            "latex": p.latex,
            "low": finite(p.prior.low),
            "high": finite(p.prior.high),
            "centre": p.prior.centre if p.prior.has_pull else None,
            "sigma": finite(p.prior.sigma),
            "log_normal": p.prior.log_normal,
            "prior": p.prior.words(p.name),
            "one_sided": p.one_sided,
            "start": float(start),
        }
        for p, start in zip(likelihood.parameters, likelihood.start, strict=True)
    ]


def bins_of(likelihood: Likelihood) -> list[dict[str, Any]]:
    """Return the bins of each experiment, where they stand among all and what they are in."""
    return [
        {
            "experiment": bins.experiment,
            "first": bins.part.start,
            "last": bins.part.stop - 1,
            "axis": bins.axis,
            "edges": bins.edges.tolist(),
            "without_source": bins.control,
        }
        for bins in likelihood.stack
    ]


def about(likelihood: Likelihood) -> dict[str, Any]:
    """Return where a likelihood is from and how it is read."""
    return {
        "made_by": f"bayesnu {__version__}",
        "chi2": FORMULA,
        "parameters": parameters_of(likelihood),
        "held": {name: float(value) for name, value in likelihood.held.items()},
        "provenance": dict(likelihood.provenance),
    }
