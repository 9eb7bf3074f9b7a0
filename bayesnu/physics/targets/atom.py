"""Electrons bound in an atom: how many can be ionised, and corrections beyond that."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const
from bayesnu.physics.targets.material import elements

PUBLISHED = {"Xe": "xenon-atom/effective_electrons.csv"}
"""Tables of `effective_electrons` that papers have; other elements have theirs from `shells`."""

_HELD = {"1": 2, "2": 2, "3": 4, "4": 4, "5": 6, "6": 6, "7": 8}
"""Electrons that a subshell holds, by its number: s; p 1/2, 3/2; d 3/2, 5/2; f 5/2, 7/2."""


def edges(symbol: str = "Xe") -> NDArray[np.float64]:
    """Return the absorption edges in keV, ascending, where `effective_electrons` jumps."""
    return _steps(symbol)[0].copy()


def effective_electrons(recoil_energy: ArrayLike, symbol: str = "Xe") -> NDArray[np.float64]:
    """Return the number of electrons that a recoil energy can ionise.

    Parameters
    ----------
    recoil_energy : array_like
        Recoil energy T in keV.
    symbol : str
        Of the element.

    Returns
    -------
    ndarray
        Z_eff: an electron counts if T is above its edge. Of xenon as in atzori-corona-2022,
        Table II; of other elements `shells`.
    """
    positions, electrons = _steps(symbol)
    below = np.searchsorted(positions, np.asarray(recoil_energy, dtype=float), side="left")
    return np.asarray(electrons[below])


@lru_cache(maxsize=64)
def _steps(symbol: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return edges, and the electrons below the first and above each of them."""
    if symbol in PUBLISHED:
        table = read_table(PUBLISHED[symbol])
        positions = table.column("edge_keV", minimum=0.0, ascending=True)
        electrons = table.column("electrons_above", minimum=0.0, ascending=True)
        return positions, np.concatenate([[0.0], electrons])
    held = shells(symbol)
    inner = elements()[symbol].z - sum(held.values())
    positions = np.array(sorted(held))
    return positions, inner + np.cumsum([0.0, *(held[edge] for edge in sorted(held))])


@lru_cache(maxsize=64)
def shells(symbol: str) -> dict[float, int]:
    """Return the electrons of an atom by binding energy in keV.

    Returns
    -------
    dict of float to int
        Subshells of the table of Elam et al. (Radiat. Phys. Chem. 63 (2002) 121) in the
        ``xraydb`` package, filled from the innermost on. Of some elements it has no outermost
        shell: its electrons, one to ten, count at every recoil energy.
    """
    # xraydb opens a database when imported, so only where it is needed.
    import xraydb

    left, found = elements()[symbol].z, dict[float, int]()
    bound = {name: edge.energy * 1e-3 for name, edge in xraydb.xray_edges(symbol).items()}
    for name in sorted(bound, key=lambda name: -bound[name]):
        here = min(2 if name == "K" else _HELD[name[1]], left)
        if here:
            found[bound[name]] = found.get(bound[name], 0) + here
        left -= here
    return found


def photoabsorption(recoil_energy: ArrayLike, symbol: str = "Xe") -> NDArray[np.float64]:
    """Return the photoelectric cross section of an atom.

    Parameters
    ----------
    recoil_energy : array_like
        Photon energy in keV, 0.012 to 430.
    symbol : str
        Of the element.

    Returns
    -------
    ndarray
        In cm^2 per atom, from the tables of Chantler (J. Phys. Chem. Ref. Data 24 (1995) 71
        and 29 (2000) 597) in the ``xraydb`` package.
    """
    energy = np.asarray(recoil_energy, dtype=float)
    values = np.array(_photoabsorption(tuple(energy.ravel().tolist()), symbol))
    return values.reshape(energy.shape)


@lru_cache(maxsize=32)
def _photoabsorption(energies: tuple[float, ...], symbol: str) -> tuple[float, ...]:
    import xraydb

    per_gram: Any = xraydb.mu_chantler(symbol, np.array(energies) * 1e3, photo=True)
    per_atom = np.atleast_1d(per_gram) * elements()[symbol].molar_mass / const.AVOGADRO_PER_MOL
    return tuple(per_atom.tolist())


def rrpa_ratio(recoil_energy: ArrayLike, symbol: str = "Xe") -> NDArray[np.float64]:
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

    Raises
    ------
    InputError
        For another element than xenon: it has been calculated for no other.
    """
    if symbol != "Xe":
        raise InputError("neutrinos", "atomic", found=f"rrpa for {symbol}", expected="rrpa for Xe")
    table = read_table("xenon-atom/rrpa_ratio.csv")
    energy = np.append(table.column("energy_keV", minimum=0.0, ascending=True), edges()[-1])
    ratio = np.append(table.column("ratio", minimum=0.0), 1.0)
    return np.asarray(np.interp(np.asarray(recoil_energy, dtype=float), energy, ratio))
