"""Energy spectra of the solar neutrino components, each normalised to one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table

COMPONENTS = ("pp", "pep", "hep", "be7", "b8", "n13", "o15", "f17")
"""Flux components, in the order used everywhere."""

PEP_LINE_MEV = 1.442
"""Energy of pep neutrinos; Bahcall, PRC 56 (1997) 3391."""
BE7_LINES_MEV = (0.3841, 0.8618)
"""Energies of 7Be neutrinos to the excited and the ground state; Bahcall, PRD 49 (1994) 3923."""
BE7_WEIGHTS = (0.103, 0.897)
"""Their branching fractions."""


@dataclass(frozen=True)
class SpectrumOptions:
    """Choices between published spectra.

    Attributes
    ----------
    b8 : {"winter", "ortiz"}
        Winter et al., PRC 73 (2006) 025503, or Ortiz et al., PRL 85 (2000) 2909.
    be7 : {"lines", "shapes"}
        Sharp lines, or the thermal line shapes of Bahcall, PRD 49 (1994) 3923.
    """

    b8: Literal["winter", "ortiz"] = "winter"
    be7: Literal["lines", "shapes"] = "lines"


DEFAULT_OPTIONS = SpectrumOptions()


@dataclass(frozen=True, eq=False)
class ContinuousSpectrum:
    """A piecewise-linear spectrum; it is zero outside its table.

    Attributes
    ----------
    energy : ndarray, shape (n,)
        Neutrino energy in MeV, not descending: a repeated energy is a jump.
    density : ndarray, shape (n,)
        Probability density per MeV; its trapezoidal integral is one.
    """

    energy: NDArray[np.float64]
    density: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LineSpectrum:
    """Monoenergetic lines.

    Attributes
    ----------
    energy : ndarray, shape (n,)
        Neutrino energy in MeV, ascending.
    weight : ndarray, shape (n,)
        Fraction of the flux in each line; they sum to one.
    """

    energy: NDArray[np.float64]
    weight: NDArray[np.float64]


Spectrum = ContinuousSpectrum | LineSpectrum


@lru_cache(maxsize=64)
def spectrum(component: str, options: SpectrumOptions = DEFAULT_OPTIONS) -> Spectrum:
    """Return the spectrum of a flux component, normalised to one.

    Parameters
    ----------
    component : str
        One of `COMPONENTS`.
    options : SpectrumOptions
        Which 8B spectrum, and whether 7Be neutrinos are sharp lines.

    Returns
    -------
    ContinuousSpectrum or LineSpectrum

    Raises
    ------
    InputError
        For an unknown component or option.
    """
    if component not in COMPONENTS:
        raise InputError(
            "solar spectrum", "component", found=component, expected=" | ".join(COMPONENTS)
        )
    if component == "pep":
        return LineSpectrum(_frozen(PEP_LINE_MEV), _frozen(1.0))
    if component == "be7":
        if options.be7 == "lines":
            return LineSpectrum(_frozen(*BE7_LINES_MEV), _frozen(*BE7_WEIGHTS))
        if options.be7 == "shapes":
            return _be7_shapes()
        raise InputError("solar spectrum", "be7", found=options.be7, expected="lines | shapes")
    if component == "b8":
        if options.b8 not in ("winter", "ortiz"):
            raise InputError("solar spectrum", "b8", found=options.b8, expected="winter | ortiz")
        return ContinuousSpectrum(*_table(f"b8_{options.b8}"))
    return ContinuousSpectrum(*_table(component))


def line_energies(component: str, options: SpectrumOptions = DEFAULT_OPTIONS) -> tuple[float, ...]:
    """Return the energies in MeV at which the flux is concentrated in a line.

    The recoil spectrum jumps at ``kinematics.maximum_recoil`` of each of them.
    """
    found = spectrum(component, options)
    return tuple(found.energy.tolist()) if isinstance(found, LineSpectrum) else ()


def endpoint_energy(component: str, options: SpectrumOptions = DEFAULT_OPTIONS) -> float:
    """Return the largest neutrino energy of a component in MeV."""
    found = spectrum(component, options)
    if isinstance(found, LineSpectrum):
        return float(found.energy[-1])
    last = int(np.flatnonzero(found.density)[-1])
    return float(found.energy[min(last + 1, len(found.energy) - 1)])


def _frozen(*values: float) -> NDArray[np.float64]:
    array = np.array(values, dtype=float)
    array.flags.writeable = False
    return array


def _table(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    table = read_table(f"solar/spectrum_{name}.csv")
    energy = table.column("energy_MeV", minimum=0.0, ascending=True)
    density = table.column("density_per_MeV", minimum=0.0)
    # The published tables are normalised to a few 1e-4 only.
    return _frozen(*energy), _frozen(*(density / np.trapezoid(density, energy)))


def _be7_shapes() -> ContinuousSpectrum:
    energies, densities = [], []
    for name, weight in zip(("be7_384", "be7_862"), BE7_WEIGHTS, strict=True):
        energy, density = _table(name)
        # Zero at both ends, at the same energy, so that nothing is interpolated between lines.
        energies += [energy[:1], energy, energy[-1:]]
        densities += [np.zeros(1), weight * density, np.zeros(1)]
    return ContinuousSpectrum(
        _frozen(*np.concatenate(energies)), _frozen(*np.concatenate(densities))
    )
