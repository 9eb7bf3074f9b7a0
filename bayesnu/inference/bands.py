"""Spectra before and after a fit, with the widths that the parameters' covariance gives them."""

from __future__ import annotations

import numpy as np

from bayesnu.inference.impacts import covariance_at
from bayesnu.inference.minima import find_minima
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.spectra import TOTAL, Band, FitSpectra
from bayesnu.types import Array


def fit_spectra(likelihood: Likelihood) -> tuple[FitSpectra, ...]:
    """Return the spectra of every experiment: without a signal and all else as expected before the
    fit, at the best fit after it."""
    best = find_minima(likelihood)[0]
    # An infinite width stands for nothing known: it has no band.
    known = np.array([p.prior.sigma if p.prior.has_pull else 0.0 for p in likelihood.parameters])
    before = _Counts(likelihood, likelihood.start, np.diag(known**2))
    after = _Counts(likelihood, best.x, covariance_at(likelihood, best))
    found = []
    for bins in likelihood.stack:
        own = [label for label in likelihood.labels if label[0] == bins.experiment]
        bands = []
        for name in (*dict.fromkeys(label for _, label in own), TOTAL):
            rows = np.array(
                [
                    where == bins.experiment and name in (label, TOTAL)
                    for where, label in likelihood.labels
                ]
            )
            prefit, fit = (counts.of(rows, bins.part) for counts in (before, after))
            bands.append(Band(name, *prefit, *fit))
        observed = likelihood.observed[bins.part]
        found.append(FitSpectra(bins.experiment, bins.axis, bins.edges, observed, tuple(bands)))
    return tuple(found)


class _Counts:
    """Sums of terms at one point, and their widths."""

    def __init__(self, likelihood: Likelihood, x: Array, covariance: Array) -> None:
        self.templates = likelihood.templates
        self.coefficients = likelihood.coefficients(x)
        self.slopes = likelihood.jacobian_of_coefficients(x)
        self.covariance = covariance

    def of(self, rows: Array, part: slice) -> tuple[Array, Array]:
        """Return counts and their standard deviations of some terms in some bins."""
        templates = self.templates[rows][:, part]
        slopes = templates.T @ self.slopes[rows]
        variance = np.einsum("bi,ij,bj->b", slopes, self.covariance, slopes)
        return self.coefficients[rows] @ templates, np.sqrt(np.maximum(variance, 0.0))
