"""Write data/er-shapes/pb214_excited.csv: 214Pb decays to excited states of 214Bi.

Each branch is an allowed beta spectrum, and the gamma rays of the level are absorbed within
centimetres of xenon, so that they add to the electron. Branches below 0.3% are left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.special import loggamma

ELECTRON_MASS_KEV, ALPHA, BISMUTH_Z, RADIUS = 510.99895, 1 / 137.035999, 83, 0.0185
Q_KEV = 1018.0
BRANCHES = {295.2: 40.2, 351.9: 44.9, 533.7: 1.1, 839.0: 2.8}
"""Level in keV: decays in per cent, scaled so that with 11.0 to the ground state they are 100."""

TARGET = Path(__file__).resolve().parent.parent / "data" / "er-shapes" / "pb214_excited.csv"
HEADER = """\
# title: 214Pb decays to excited states of 214Bi: beta plus gamma energy, before detector effects
# source: computed by tools/pb214_excited.py; levels and branches recalled from nuclear data
# trust: recalled
# note: Allowed beta spectra with Q = 1018 keV, all gamma rays absorbed. Levels 295.2, 351.9,
# note: 533.7, 839.0 keV with 40.2, 44.9, 1.1, 2.8% of all decays; the ground state (pb214.csv)
# note: has 11.0%. Normalised to 1.
"""


def allowed_beta(kinetic: np.ndarray, end_point: float) -> np.ndarray:
    """Return the shape of an allowed decay to bismuth, Fermi function included.

    p E (Q - T)^2 F(Z, T) with F ~ (2 p R)^(2 g - 2) exp(pi eta) |Gamma(g + i eta)|^2; R is the
    nuclear radius in units of the electron's Compton wavelength over 2 pi.
    """
    energy = 1.0 + kinetic / ELECTRON_MASS_KEV
    momentum = np.sqrt(energy**2 - 1.0)
    g = np.sqrt(1.0 - (ALPHA * BISMUTH_Z) ** 2)
    eta = ALPHA * BISMUTH_Z * energy / momentum
    fermi = (2.0 * momentum * RADIUS) ** (2.0 * g - 2.0) * np.exp(
        np.pi * eta + 2.0 * loggamma(g + 1j * eta).real
    )
    left = np.clip(end_point - kinetic, 0.0, None)
    return momentum * energy * left**2 * fermi


def main() -> None:
    edges = np.arange(295.0, Q_KEV + 1.0)
    middle = 0.5 * (edges[1:] + edges[:-1])
    density = np.zeros_like(middle)
    for level, share in BRANCHES.items():
        # Sub-steps, because the first bin of a branch is only partly filled.
        fine = (edges[:-1, None] + (np.arange(20) + 0.5) / 20.0) - level
        shape = np.where(fine > 0.0, allowed_beta(np.maximum(fine, 1e-3), Q_KEV - level), 0.0)
        branch = shape.mean(axis=1)
        density += share * branch / branch.sum()
    density /= density.sum()
    rows = zip(edges[:-1], edges[1:], density, strict=True)
    lines = [f"{a:g},{b:g},{value:.5g}" for a, b, value in rows]
    TARGET.write_text(
        HEADER + "low_keV,high_keV,density_per_keV\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
