"""Jeffreys' prior of signal parameters: the root of the Fisher information of the binned counts.

H. Jeffreys, Proc. R. Soc. A 186 (1946) 453. The information is that of counts and of the pulls
together, with the nuisances at what is expected of them before the data, and integrated out as a
Gaussian: F = F_ss - F_sn F_nn^-1 F_ns. Of several parameters it is the root of the determinant. It
is the same prior in whatever power of the parameter it is written, and knows nothing of the data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.likelihood.other_priors import OtherPrior
from bayesnu.types import Array


def jeffreys(likelihood: Likelihood, names: Sequence[str]) -> OtherPrior:
    """Return Jeffreys' prior of some parameters of a likelihood, others as they are expected."""
    indices = [likelihood.index(name) for name in names]

    def log_density(values: Array) -> Array:
        values = np.asarray(values, dtype=float)
        points = values.reshape(-1, len(indices))
        found = [_log_root(likelihood, indices, point) for point in points]
        return np.array(found).reshape(values.shape[:-1])

    return OtherPrior(tuple(names), f"Jeffreys in {', '.join(names)}", log_density)


def information(likelihood: Likelihood, x: Array) -> Array:
    """Return the expected Fisher information at a point, pulls included, shape (n, n).

    Counts: sum over bins of (d lambda / d x_i) (d lambda / d x_j) / lambda, or over sigma^2.
    """
    expected = likelihood.expected(x)
    slopes = likelihood.templates.T @ likelihood.jacobian_of_coefficients(x)
    variance = np.where(likelihood.poisson, expected, likelihood.sigma**2)
    # The pull of a log-normal norm has the slope 1 / x, its width being that of ln x.
    pulls = likelihood.weight / np.where(likelihood.log_normal, x, 1.0) ** 2
    return np.asarray((slopes.T / variance) @ slopes + np.diag(pulls))


def _log_root(likelihood: Likelihood, indices: list[int], values: Array) -> float:
    """Return ln of the root of the determinant, the nuisances integrated out."""
    x = likelihood.start.copy()
    x[indices] = values
    found = information(likelihood, x)
    nuisances = [i for i, p in enumerate(likelihood.parameters) if p.role != "signal"]
    own = found[np.ix_(indices, indices)]
    if nuisances:
        across = found[np.ix_(indices, nuisances)]
        # A nuisance that moves nothing has no information, and takes none.
        inner = np.linalg.pinv(found[np.ix_(nuisances, nuisances)], hermitian=True)
        own = own - across @ inner @ across.T
    sign, log = np.linalg.slogdet(own)
    return float(0.5 * log) if sign > 0.0 else -np.inf
