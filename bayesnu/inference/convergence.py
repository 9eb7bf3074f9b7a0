"""R-hat and effective sample sizes of all parameters at once.

The rank-normalised statistics of Vehtari, Gelman, Simpson, Carpenter and Bürkner, Bayesian
Analysis 16 (2021) 667, with Geyer's initial monotone sequence. ArviZ has the same ones, and a
test holds them equal; importing it takes longer than the sampling that is to be judged.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from bayesnu.types import Array

TAILS = (0.05, 0.95)


def r_hat_and_ess(draws: Array) -> Array:
    """Return R-hat, bulk ESS and tail ESS of every parameter.

    Parameters
    ----------
    draws : ndarray, shape (chains, draws, parameters)
        At least four draws a chain.

    Returns
    -------
    ndarray, shape (parameters, 3)
        (nan, 0, 0) for a parameter that never moved.
    """
    moved = np.ptp(draws, axis=(0, 1)) > 0.0
    result = np.tile([np.nan, 0.0, 0.0], (draws.shape[-1], 1))
    if moved.any():
        split = _split(draws[..., moved])
        ranked = _rank_normal(split)
        folded = _rank_normal(np.abs(split - np.median(split, axis=(0, 1))))
        tails = [_ess(_below(draws[..., moved], share)) for share in TAILS]
        result[moved] = np.column_stack(
            [np.maximum(_r_hat(ranked), _r_hat(folded)), _ess(ranked), np.minimum(*tails)]
        )
    return result


class Quality(NamedTuple):
    """What draws are worth: the worst of all parameters."""

    r_hat: float
    ess_bulk: float
    ess_tail: float


def quality_of(draws: Array) -> Quality:
    """Return the largest R-hat and the smallest bulk and tail ESS of all parameters."""
    table = r_hat_and_ess(draws)
    return Quality(float(table[:, 0].max()), float(table[:, 1].min()), float(table[:, 2].min()))


def _split(draws: Array) -> Array:
    """Halve every chain; the middle draw of an odd number is left out."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _below(draws: Array, share: float) -> Array:
    """Return where draws lie below their quantile, of split chains."""
    return _split((draws <= np.quantile(draws, share, axis=(0, 1))).astype(float))


def _rank_normal(draws: Array) -> Array:
    """Replace draws by the normal scores of their ranks over all chains (ties: mean rank)."""
    flat = draws.reshape(-1, draws.shape[-1])
    size = len(flat)
    ranks = np.empty_like(flat)
    for column in range(flat.shape[1]):
        _, place, counts = np.unique(flat[:, column], return_inverse=True, return_counts=True)
        last = np.cumsum(counts)
        ranks[:, column] = (last - 0.5 * (counts - 1))[place]
    return np.asarray(ndtri((ranks - 0.375) / (size + 0.25))).reshape(draws.shape)


def _r_hat(chains: Array) -> Array:
    size = chains.shape[1]
    within = chains.var(axis=1, ddof=1).mean(axis=0)
    between = size * chains.mean(axis=1).var(axis=0, ddof=1)
    return np.asarray(np.sqrt((between / within + size - 1.0) / size))


def _ess(chains: Array) -> Array:
    """Return the effective sample size of split chains, shape (parameters,)."""
    number, size, _ = chains.shape
    return np.asarray(number * size / autocorrelation_times(chains))


def autocorrelation_times(chains: Array) -> Array:
    """Return for how many independent draws each draw of a mean should be, shape (parameters,).

    Chains whose means differ are correlated draws too.

    Parameters
    ----------
    chains : ndarray, shape (chains, draws, parameters)
        At least four draws a chain.
    """
    number, size, _ = chains.shape
    covariance = _autocovariance(chains)
    mean_variance = covariance[:, 0].mean(axis=0) * size / (size - 1.0)
    variance = mean_variance * (size - 1.0) / size
    if number > 1:
        variance = variance + chains.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = 1.0 - (mean_variance - covariance.mean(axis=0)) / variance
    correlation[0] = 1.0
    return _monotone_sums(correlation, number * size)


def _autocovariance(chains: Array) -> Array:
    """Return autocovariances by Fourier transform, shape (chains, lags, parameters)."""
    size = chains.shape[1]
    length = 1 << (2 * size - 1).bit_length()
    centred = chains - chains.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, length, axis=1)
    full = np.fft.irfft(spectrum * spectrum.conj(), length, axis=1)
    return np.asarray(full[:, :size] / size)


def _monotone_sums(correlation: Array, draws: int) -> Array:
    """Sum Geyer's initial monotone positive sequences of pairs of autocorrelations."""
    pairs = max(len(correlation) - 3, 0) // 2 + 1
    sums = correlation[0 : 2 * pairs : 2] + correlation[1 : 2 * pairs : 2]
    positive = np.logical_and.accumulate(sums > 0.0, axis=0)
    kept = np.minimum(positive.sum(axis=0), pairs - 1)
    counted = np.arange(pairs)[:, None] < kept
    monotone = np.where(counted, np.minimum.accumulate(sums, axis=0), 0.0).sum(axis=0)
    # The first lag of the pair that ends the sequence still counts if it is positive.
    after = np.maximum(np.take_along_axis(correlation, 2 * kept[None], axis=0)[0], 0.0)
    # Antithetic chains can do better than independent draws, within reason.
    times = np.maximum(-1.0 + 2.0 * monotone + after, 1.0 / np.log10(draws))
    # All draws on one side of a quantile have no correlations.
    return np.asarray(np.where(np.isfinite(correlation).all(axis=0), times, 1.0))
