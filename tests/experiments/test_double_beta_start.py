"""136Xe below 3 keV, where the public shape is zero: in proportion to energy, in every file."""

import numpy as np
import pytest

from bayesnu import available
from bayesnu.experiments.format.electron_recoil import ElectronRecoilFile
from bayesnu.experiments.loading import load
from bayesnu.physics.constants import ELECTRON_MASS_KEV

Q_KEV = 2458.0
FILES = [
    name
    for name in available()
    if isinstance(load(name).file, ElectronRecoilFile)
    and any(
        background.spectrum is not None and "xe136" in background.spectrum.table
        for background in load(name).file.backgrounds.values()
    )
]


def test_two_electrons_share_the_energy_so_that_their_sum_starts_linearly() -> None:
    """Primakoff and Rosen's sum spectrum over K: constant to 2% below 3 keV."""
    kinetic = np.linspace(0.01, 3.0, 100)
    k = kinetic / ELECTRON_MASS_KEV
    spectrum = k * (Q_KEV / ELECTRON_MASS_KEV - k) ** 5
    spectrum *= 1 + 2 * k + 4 / 3 * k**2 + k**3 / 3 + k**4 / 30
    assert np.ptp(spectrum / k) < 0.02 * (spectrum / k).mean()


@pytest.mark.parametrize("name", FILES)
def test_every_file_continues_it_linearly(name: str) -> None:
    for background in load(name).file.backgrounds.values():
        if background.spectrum is not None and "xe136" in background.spectrum.table:
            assert background.below_keV_as == "linear"


def test_all_electron_recoil_experiments_are_looked_at() -> None:
    own = {name for name in FILES if "@" not in name}
    assert own >= {"xenonnt-2022-er", "lz-2022-er", "lz-2024-er", "pandax4t-2022-er"}
    assert own >= {"pandax4t-2024-er", "darwin-30ty"}
