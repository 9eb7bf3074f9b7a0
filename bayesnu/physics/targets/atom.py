"""Electrons bound in the xenon atom: how many can be ionised, and corrections beyond that."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const


def edges() -> NDArray[np.float64]:
    """Return the xenon absorption edges in keV, ascending, where `effective_electrons` jumps."""
    return _steps()[0].copy()


def effective_electrons(recoil_energy: ArrayLike) -> NDArray[np.float64]:
    """Return the number of electrons that a recoil energy can ionise.

    Parameters
    ----------
    recoil_energy : array_like
        Recoil energy T in keV.

    Returns
    -------
    ndarray
        Z_eff, atzori-corona-2022, Table II: an electron counts if T is above its edge.
    """
    positions, electrons = _steps()
    below = np.searchsorted(positions, np.asarray(recoil_energy, dtype=float), side="left")
    return np.asarray(electrons[below])


@lru_cache(maxsize=1)
def _steps() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    table = read_table("xenon-atom/effective_electrons.csv")
    positions = table.column("edge_keV", minimum=0.0, ascending=True)
    electrons = table.column("electrons_above", minimum=0.0, ascending=True)
    return positions, np.concatenate([[0.0], electrons])


def photoabsorption(recoil_energy: ArrayLike) -> NDArray[np.float64]:
    """Return the photoelectric cross section of a xenon atom.

    Parameters
    ----------
    recoil_energy : array_like
        Photon energy in keV, 0.012 to 430.

    Returns
    -------
    ndarray
        In cm^2 per atom, from the tables of Chantler (J. Phys. Chem. Ref. Data 24 (1995) 71
        and 29 (2000) 597) in the ``xraydb`` package.
    """
    energy = np.asarray(recoil_energy, dtype=float)
    values = np.array(_photoabsorption(tuple(energy.ravel().tolist())))
    return values.reshape(energy.shape)


@lru_cache(maxsize=32)
def _photoabsorption(energies: tuple[float, ...]) -> tuple[float, ...]:
    # xraydb opens a database when imported, so only where it is needed.
    import xraydb

    per_gram: Any = xraydb.mu_chantler("Xe", np.array(energies) * 1e3, photo=True)
    per_atom = np.atleast_1d(per_gram) * const.XENON_MOLAR_MASS_G / const.AVOGADRO_PER_MOL
    return tuple(per_atom.tolist())


def rrpa_ratio(recoil_energy: ArrayLike) -> NDArray[np.float64]:
    """Return a correction of the Standard-Model rate beyond free electrons with steps.

    Parameters
    ----------
    recoil_energy : array_like
        Recoil energy T in keV.

    Returns
    -------
    ndarray
        Rate in the relativistic random-phase approximation (Chen et al., arXiv:1610.04177)
        over the rate with `effective_electrons`: 0.94 at 3 keV, 0.85 at 10 keV. It rests on a
        digitised curve and on its published average, see the header of the table, and is good
        to perhaps 5 %. Below the curve the first value is held; from its end at 28 keV it
        rises linearly to one at the K edge, above which every electron can be ionised.
    """
    table = read_table("xenon-atom/rrpa_ratio.csv")
    energy = np.append(table.column("energy_keV", minimum=0.0, ascending=True), edges()[-1])
    ratio = np.append(table.column("ratio", minimum=0.0), 1.0)
    return np.asarray(np.interp(np.asarray(recoil_energy, dtype=float), energy, ratio))
