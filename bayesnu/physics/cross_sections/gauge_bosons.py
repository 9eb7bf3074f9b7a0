"""Gauge bosons of differences of baryon and lepton numbers: charges, and kinetic mixing.

A boson that couples with g times a charge q to neutrinos and to a target is a vector mediator with
g^2 q_nu q_target (`bayesnu.physics.cross_sections.light_mediators.exchange`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial, log, pi
from typing import Any

import numpy as np

from bayesnu.physics.constants import ALPHA, LEPTON_MASS_KEV
from bayesnu.physics.cross_sections.electroweak import FLAVOURS, ByFlavour

SMALL = 0.05
"""Of Q^2 over the square of a lepton's mass: below, the closed form would cancel."""


@dataclass(frozen=True)
class Charges:
    """The charges of a gauge boson, in units of its coupling.

    Attributes
    ----------
    words, latex : str
        What is gauged.
    baryon : float
        Of a nucleon.
    lepton : ByFlavour
        Of a charged lepton, and of the neutrino of its flavour.
    """

    words: str
    latex: str
    baryon: float
    lepton: ByFlavour

    def electric(self, transfer_squared: Any) -> Any:
        """Return the charge that one unit of electric charge has by kinetic mixing at one loop.

        Parameters
        ----------
        transfer_squared : float or array
            Q^2 = 2 m T in keV^2.

        Returns
        -------
        float or array
            (2 alpha / pi) int_0^1 dx x (1-x) sum_l q_l ln(1 / (m_l^2 + x (1-x) Q^2)): for a
            difference of two leptons that of two logarithms. Zero where baryons are charged:
            there the sum is not finite, and mixing a parameter of its own.
        """
        if self.baryon:
            return 0.0 * transfer_squared
        total: Any = 0.0
        for flavour, charge in zip(FLAVOURS, self.lepton, strict=True):
            mass_squared = LEPTON_MASS_KEV[flavour] ** 2
            running = _running(np.asarray(transfer_squared) / mass_squared)
            total = total - charge * (log(mass_squared) / 6 + running)
        return 2 * ALPHA / pi * total

    def of_electron(self, transfer_squared: Any) -> Any:
        """Return the charge of an electron, its electric one's by mixing included."""
        return self.lepton.e - self.electric(transfer_squared)

    def of_nucleus(self, transfer_squared: Any, z: Any, n: Any) -> Any:
        """Return the charge of a nucleus, that of its protons by mixing included."""
        return self.baryon * (z + n) + z * self.electric(transfer_squared)


def _running(t: Any) -> Any:
    """Return int_0^1 dx x (1-x) ln(1 + x (1-x) t), by its series where t is small."""
    safe = np.where(t < SMALL, 1.0, t)
    root = np.sqrt(1 + 4 / safe)
    logarithm = np.log((root + 1) ** 2 * safe / 4)
    closed = (-5 / 3 + 4 / safe + (1 - 2 / safe) * root * logarithm) / 6
    series = sum(
        (-t) ** n * (-(factorial(n + 1) ** 2) / (n * factorial(2 * n + 3))) for n in range(1, 11)
    )
    return np.where(t < SMALL, series, closed)


CHARGES = {
    "b-l": Charges("B-L", "B-L", 1.0, ByFlavour(-1.0, -1.0, -1.0)),
    "b-3l_e": Charges("B-3L_e", "B-3L_e", 1.0, ByFlavour(-3.0, 0.0, 0.0)),
    "b-3l_mu": Charges("B-3L_mu", r"B-3L_\mu", 1.0, ByFlavour(0.0, -3.0, 0.0)),
    "b-3l_tau": Charges("B-3L_tau", r"B-3L_\tau", 1.0, ByFlavour(0.0, 0.0, -3.0)),
    "le-lmu": Charges("L_e-L_mu", r"L_e-L_\mu", 0.0, ByFlavour(1.0, -1.0, 0.0)),
    "le-ltau": Charges("L_e-L_tau", r"L_e-L_\tau", 0.0, ByFlavour(1.0, 0.0, -1.0)),
    "lmu-ltau": Charges("L_mu-L_tau", r"L_\mu-L_\tau", 0.0, ByFlavour(0.0, 1.0, -1.0)),
}
"""By the names that the command line uses."""
