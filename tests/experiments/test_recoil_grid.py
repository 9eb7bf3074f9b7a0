"""Halving the recoil grid changes no bin."""

import numpy as np
import pytest
from experiment_files import CURRENT, VARIANTS

from bayesnu.experiments.loading import load
from bayesnu.model.rate import solar_rate
from bayesnu.physics.signals import ChargeRadius, MagneticMoment, Millicharge, StandardModel

SIGNALS = (
    (StandardModel(), {}),
    (MagneticMoment(), {"mu_eff": 1.0}),
    (Millicharge(), {"q_ee": 5.0}),
    (ChargeRadius(), {"r2_ee": -50.0}),
)
TOLERANCE = 1e-4  # no limit notices; what is measured is below 1e-7


@pytest.mark.parametrize("name", [*CURRENT, *VARIANTS])
def test_halving_the_recoil_grid_changes_no_bin(name: str) -> None:
    coarse, fine = load(name), load(name, refine_grid=2)
    assert len(fine.grid.energy) > 1.9 * len(coarse.grid.energy)
    for signal, values in SIGNALS:
        a = np.sum(list(solar_rate(coarse).counts(signal, values).values()), axis=0)
        b = np.sum(list(solar_rate(fine).counts(signal, values).values()), axis=0)
        filled = b > 1e-9 * b.max()
        assert np.abs(a[filled] / b[filled] - 1.0).max() < TOLERANCE
    for one, other in zip(coarse.backgrounds, fine.backgrounds, strict=True):
        filled = other.counts > 1e-9 * other.counts.max()
        assert np.abs(one.counts[filled] / other.counts[filled] - 1.0).max() < TOLERANCE, one.name
