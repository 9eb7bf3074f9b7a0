"""Parameter goodness of fit of toys: what p-value it has where chi2 distributions do not hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from bayesnu.campaigns.runner import run_campaign
from bayesnu.campaigns.running import Running
from bayesnu.campaigns.simulation import simulate
from bayesnu.campaigns.task import Row, described
from bayesnu.errors import ComputationError, InputError, Interrupted
from bayesnu.inference.minima import find_minima
from bayesnu.inference.tension import parameter_goodness
from bayesnu.likelihood.likelihood import Likelihood
from bayesnu.results.parameter_goodness import ParameterGoodness
from bayesnu.types import Array


@dataclass(frozen=True, eq=False)
class TensionTask:
    """Simulate a combination at its best fit, and fit it and its parts."""

    likelihood: Likelihood
    point: Array
    columns = ("delta_chi2",)

    def settings(self) -> dict[str, Any]:
        """Return what determines the rows."""
        return {**described(self.likelihood), "point": self.point.tolist(), "what": "tension"}

    def run(self, index: int, seed: np.random.SeedSequence) -> Row:
        """Simulate and fit one toy."""
        toy = simulate(self.likelihood, self.point, np.random.default_rng(seed))
        return {"delta_chi2": parameter_goodness(toy).delta_chi2}


def with_toys(
    likelihood: Likelihood, found: ParameterGoodness, number: int, **how: Unpack[Running]
) -> ParameterGoodness:
    """Return the parameter goodness of fit with the p-value of toys at the combination's best fit.

    Raises
    ------
    ComputationError
        If none can be fitted, or (`Interrupted`) not all were made.
    """
    if number < 1:
        raise InputError("--toys", "toys", found=number, expected="at least 1")
    task = TensionTask(likelihood, find_minima(likelihood)[0].x)
    fits = run_campaign(task, number, what="toys", **how)
    if not fits.complete:
        raise Interrupted(f"Interrupted after {len(fits.index)} of {number} toys.")
    made = len(fits.index)
    if not made:
        raise ComputationError(f"None of {number} toys could be fitted.")
    share = float((fits.column("delta_chi2") >= found.delta_chi2).mean())
    near = min(max(share, 1.0 / made), 1.0 - 1.0 / made) if made > 1 else 0.5
    error = float(np.sqrt(near * (1.0 - near) / made))
    return replace(found, toys=made, toy_p_value=share, toy_p_error=error)
