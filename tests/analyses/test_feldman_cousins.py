"""Intervals below a cut that varies with the true value."""

import numpy as np
import pytest

from bayesnu.analyses.feldman_cousins import VALUES, below, calibrated_values
from bayesnu.analyses.question import likelihood_of
from bayesnu.inference.profile import profile
from bayesnu.likelihood.threshold import threshold

CUT = threshold(0.9, 1)


@pytest.mark.parametrize(
    ("experiment", "signal", "parameter"),
    [
        ("xenonnt-2022-er", "charge-radius", "r2_ee"),
        ("xenonnt-2024-8b", "millicharge", "q_eff"),
        ("xenonnt-2022-er", "magnetic-moment", "mu_eff"),
    ],
)
def test_the_usual_cut_at_every_value_gives_the_interval_of_the_profile(
    experiment, signal, parameter
):
    curve = profile(likelihood_of([experiment], signal, [parameter]), parameter, cut=CUT)
    values = calibrated_values(curve, CUT)
    found = below(curve, values, np.full(VALUES, CUT))
    for ours, usual in zip(found, curve.intervals(CUT), strict=True):
        for end, other in zip(ours, usual, strict=True):
            assert (end is None) == (other is None)
            assert end is None or end == pytest.approx(other, rel=1e-6)
