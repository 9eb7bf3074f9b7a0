"""Random numbers in tests: their seeds, their Monte Carlo errors, and five of these.

The same seed gives other draws on another kind of processor. A test of draws, toys or
simulations therefore states the error of what it compares and allows `SIGMAS` of it.
`BAYESNU_TEST_SEED` (0 where it is not set) shifts the seeds of all tests; `make test-seeds` runs
those marked `stochastic` with several values of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, chi2, norm

from bayesnu.inference.convergence import r_hat_and_ess
from bayesnu.inference.settings import Settings

Array = NDArray[np.float64]

SIGMAS = 5.0
"""One case in two million, of a normal error that is known."""

CHANCE = float(norm.sf(SIGMAS))
"""The same as a probability on one side, for what is not normal."""

BATCHES = 40
SHIFT = int(os.environ.get("BAYESNU_TEST_SEED", "0"))
COMMANDS = ("limit", "sample", "priors", "toys", "calibrate", "sensitivity", "reproduce", "compare")
"""Those that draw from a seed."""

STRIDE = 100_003
"""Between the seeds of two shifts: more than what modes and chains add to a seed."""


def seed(number: int = 1) -> int:
    """Return a test's own seed, shifted."""
    return number + STRIDE * SHIFT


def generator(number: int = 1) -> np.random.Generator:
    """Return the generator of a test's own seed, shifted."""
    return np.random.default_rng(seed(number))


def settings(**changes: Any) -> Settings:
    """Return settings of the sampler whose seed is shifted."""
    return Settings(**{**changes, "seed": seed(changes.get("seed", 1))})


def with_seed(words: Sequence[str]) -> list[str]:
    """Return the words of a command line, with the shifted seed where the command has one."""
    takes = words and words[0] in COMMANDS and "--seed" not in words
    return [*words, "--seed", str(seed())] if SHIFT and takes else list(words)


def shifted_defaults() -> tuple[Any, ...]:
    """Return the defaults of `Settings`, with a shifted seed."""
    return tuple(
        seed(field.default) if field.name == "seed" else field.default for field in fields(Settings)
    )


def assert_within(
    found: ArrayLike, expected: ArrayLike, error: ArrayLike, exact_to: float = 0.0
) -> None:
    """Assert that numbers agree within `SIGMAS` of their errors.

    Parameters
    ----------
    found, expected, error : array_like
        `error` is one standard deviation of found - expected.
    exact_to : float
        What is not chance: a grid's spacing, a series' remainder.
    """
    found, expected, error = (np.asarray(x, dtype=float) for x in (found, expected, error))
    assert np.isfinite(error).all() and (error >= 0).all(), f"no error: {error}"
    excess = np.maximum(np.abs(found - expected) - exact_to, 0.0)
    assert (excess <= SIGMAS * error).all(), (
        f"found {found}, expected {expected}, error {error}: "
        f"{np.divide(excess, error, out=np.full_like(excess + error, np.inf), where=error > 0)} "
        "standard deviations"
    )


def assert_share(hits: ArrayLike, number: int, low: ArrayLike, high: ArrayLike = None) -> None:
    """Assert that counts of independent trials go with probabilities between low and high.

    The exact binomial tails: near 0 and 1, or with few trials, five errors are not five sigmas.
    """
    hits = np.asarray(hits)
    high = low if high is None else high
    too_few, too_many = binom.cdf(hits, number, low), binom.sf(hits - 1, number, high)
    assert (too_few > CHANCE).all(), f"{hits} of {number}, expected {low}: {too_few}"
    assert (too_many > CHANCE).all(), f"{hits} of {number}, expected {high}: {too_many}"


def assert_honest(pulls: ArrayLike) -> None:
    """Assert that (found - expected) / error of independent estimates scatter by one."""
    total, number = float(np.sum(np.square(pulls))), np.size(pulls)
    low, high = chi2.ppf(CHANCE, number), chi2.isf(CHANCE, number)
    assert low < total < high, f"{number} pulls: sum of squares {total}, not in {low} to {high}"


def effective_draws(values: Array) -> Array:
    """Return the bulk ESS of values of shape (chains, draws) or (chains, draws, n)."""
    with np.errstate(invalid="ignore"):  # R-hat of what is true in half of the draws
        table = r_hat_and_ess(values.astype(float).reshape(*values.shape[:2], -1))
    # Values that never changed: as if all draws were independent.
    ess = np.where(table[:, 1] > 0.0, table[:, 1], values.shape[0] * values.shape[1])
    return ess if values.ndim > 2 else ess[0]


def mean_error(values: Array) -> Array:
    """Return the error of the mean of draws of shape (chains, draws) or (chains, draws, n)."""
    return values.std(axis=(0, 1)) / np.sqrt(effective_draws(values))


def share_error(hits: Array) -> Array:
    """Return the error of the share of draws for which something holds; shapes as above."""
    return binomial_error(hits.mean(axis=(0, 1)), effective_draws(hits))


def binomial_error(share: ArrayLike, number: ArrayLike) -> Array:
    """Return the error of a share of independent trials; of none or all, that of one trial."""
    least = 1.0 / np.asarray(number, dtype=float)
    inside = np.clip(np.asarray(share, dtype=float), least, 1.0 - least)
    return np.asarray(np.sqrt(inside * (1.0 - inside) * least))


def quantile_error(values: Array, level: float) -> float:
    """Return the error of a quantile of draws of shape (chains, draws)."""
    error = float(share_error(values <= np.quantile(values, level)))
    low, high = np.quantile(values, np.clip([level - error, level + error], 0.0, 1.0))
    return float(0.5 * (high - low))


def sd_error(values: Array) -> float:
    """Return the error of the standard deviation of draws of shape (chains, draws)."""
    squares = (values - values.mean()) ** 2
    return float(mean_error(squares) / (2.0 * values.std()))


def batch_error(
    function: Callable[[Array], ArrayLike], draws: Array, mode: Array | None = None
) -> Array:
    """Return the error of any function of draws, from the scatter of batches of them.

    Parameters
    ----------
    function : callable
        Of draws, shape (draws, parameters).
    draws : ndarray, shape (chains, draws, parameters)
        Longer than `BATCHES` times their autocorrelation.
    mode : ndarray, shape (chains, draws), optional
        Every batch holds every mode by its share: this error is that at fixed weights.
    """
    flat = draws.reshape(-1, draws.shape[-1])
    of = np.zeros(len(flat)) if mode is None else mode.ravel()
    parts = [np.array_split(flat[of == value], BATCHES) for value in np.unique(of)]
    found = [function(np.concatenate(batch)) for batch in zip(*parts, strict=True)]
    return np.asarray(np.std(found, axis=0, ddof=1) / np.sqrt(BATCHES))


stochastic = pytest.mark.stochastic
"""Marks a test whose numbers are drawn; `docs/promises.md` lists them with their errors."""
