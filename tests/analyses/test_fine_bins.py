"""Where event energies are public, the likelihood is as good as an unbinned one."""

from __future__ import annotations

import numpy as np
import pytest

from bayesnu import profile_scan
from bayesnu.experiments.model_files import find

CASES = [
    ("magnetic-moment", "mu_eff"),
    ("millicharge", "q_eff"),
    ("charge-radius", "r2_eff"),
]


def halved(bins: str) -> str:
    """Return `bins` with every width below 2 keV halved (counts above are published so)."""
    lines = []
    for line in bins.splitlines():
        start, found, width = line.partition("width_keV = ")
        value = float(width.partition(" ")[0]) if found else 2.0
        lines.append(f"{start}width_keV = {value / 2} }}," if value < 2.0 else line)
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["xenonnt-2022-er", "lz-2022-er"])
def test_halving_the_bins_moves_no_limit_by_half_a_percent(name, tmp_path):
    text = find(name).read_text(encoding="utf-8")
    bins = text[text.index("bins = [") : text.index("observed = [")]
    path = tmp_path / "halved.toml"
    path.write_text(f'extends = "{name}"\n{halved(bins)}', encoding="utf-8")
    for signal, parameter in CASES:
        ends, finer = (
            np.array([profile_scan([file], signal, parameter).intervals(2.706)[-1]], dtype=float)
            for file in (name, str(path))
        )
        known = np.isfinite(ends)
        np.testing.assert_allclose(finer[known], ends[known], rtol=5e-3)
