"""Halving the recoil grid changes no bin."""

import numpy as np
import pytest
from experiment_files import CURRENT, VARIANTS

from bayesnu.experiments.loading import load
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.cross_sections.sterile_dipole import minimum_energy, recoil_range
from bayesnu.physics.signals import (
    ChargeRadius,
    MagneticMoment,
    Millicharge,
    StandardModel,
    SterileDipole,
)

SIGNALS = (
    (StandardModel(), {}),
    (MagneticMoment(), {"mu_eff": 1.0}),
    (Millicharge(), {"q_ee": 5.0}),
    (ChargeRadius(), {"r2_ee": -50.0}),
    # The ends of the 7Be lines move with m4; so large a moment leaves nothing else to be seen.
    *((SterileDipole(), {"mu_eff": 1e4, "m4": m4}) for m4 in (0.1, 0.2, 0.3, 0.4, 0.5, 0.55)),
)
TOLERANCE = 1e-4  # no limit notices; what is measured is below 1e-7
ELECTRON_MASS_KEV = 510.999


@pytest.mark.parametrize("name", [*CURRENT, *VARIANTS, "darwin-30ty"])
def test_halving_the_recoil_grid_changes_no_bin(name: str) -> None:
    coarse, fine = load(name), load(name, refine_grid=2)
    assert len(fine.grid.energy) > 1.9 * len(coarse.grid.energy)
    for signal, values in SIGNALS:
        a = np.sum(list(recoil_rate(coarse).counts(signal, values).values()), axis=0)
        b = np.sum(list(recoil_rate(fine).counts(signal, values).values()), axis=0)
        filled = b > 1e-9 * b.max()
        assert np.abs(a[filled] / b[filled] - 1.0).max() < TOLERANCE
    for one, other in zip(coarse.backgrounds, fine.backgrounds, strict=True):
        filled = other.counts > 1e-9 * other.counts.max()
        assert np.abs(one.counts[filled] / other.counts[filled] - 1.0).max() < TOLERANCE, one.name


@pytest.mark.parametrize("m4", [1e-3, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("energy", [0.384, 0.862, 1.442])
def test_recoils_of_a_line_end_where_its_energy_is_the_smallest_that_suffices(
    m4: float, energy: float
) -> None:
    ends = recoil_range(energy, m4, ELECTRON_MASS_KEV)
    if ends is None:
        # s = m^2 + 2 m E < (m + m4)^2, in MeV.
        m = ELECTRON_MASS_KEV * 1e-3
        assert m**2 + 2 * m * energy < (m + m4) ** 2
    else:
        for recoil in ends:
            assert minimum_energy(recoil, m4, ELECTRON_MASS_KEV) == pytest.approx(energy, rel=1e-9)


def test_a_split_grid_integrates_what_the_grid_does() -> None:
    experiment = load("xenonnt-2022-er")
    response = experiment.responses[0]
    # Three points inside cells; one out of reach at each end and one on an edge change nothing.
    split = response.split([0.5, 3.21, 41.7, 1e9, 1e-6, experiment.edges[3]])
    assert len(split.grid.energy) == len(response.grid.energy) + 3 * 4
    one, other = (r.nominal @ (3.0 + 1.0 / r.grid.energy) for r in (response, split))
    assert other == pytest.approx(one, rel=1e-6)
    assert response.split([1e9]) is response
