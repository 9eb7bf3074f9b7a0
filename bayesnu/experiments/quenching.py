"""Quenching: what energy of an electron a nuclear recoil is seen as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.detector import RecoilGrid
from bayesnu.experiments.electron_detector import ElectronDetector
from bayesnu.experiments.format import quenching as entries
from bayesnu.experiments.format.quenched_recoil import QuenchedRecoilFile
from bayesnu.experiments.format.quenching import K_NUISANCE, Lindhard, Polynomial, TableQuenching
from bayesnu.experiments.response import Response, Terms, folded, yield_terms
from bayesnu.experiments.smearing import WIDTHS_IN_REACH, Smearing
from bayesnu.files.tables import Table
from bayesnu.physics.cross_sections.kinematics import maximum_recoil
from bayesnu.physics.source import Source
from bayesnu.physics.targets.material import Material
from bayesnu.physics.targets.target import scatterers
from bayesnu.types import Array

Quenched = Callable[[Array], Array]
"""Recoil energy -> electron-equivalent energy, keV."""

RECOILS_KEV = np.geomspace(1e-3, 1e4, 2801)
"""Where the recoil energies are looked for that can be seen in the bins."""


@dataclass(frozen=True)
class LindhardEnergy:
    """Electron-equivalent energy of recoils of an element after Lindhard."""

    k: float
    z: int

    def __call__(self, recoil_energy: Array) -> Array:
        """Return T Q(T); Lewin & Smith, Astropart. Phys. 6 (1996) 87, Eq. 4.8."""
        reduced = 11.5 * self.z ** (-7 / 3) * recoil_energy
        g = 3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced
        return np.asarray(recoil_energy * self.k * g / (1 + self.k * g))


@dataclass(frozen=True)
class PolynomialEnergy:
    """Electron-equivalent energy as a polynomial without a constant."""

    coefficients: tuple[float, ...]

    def __call__(self, recoil_energy: Array) -> Array:
        """Return it."""
        return np.asarray(np.polynomial.polynomial.polyval(recoil_energy, (0, *self.coefficients)))


@dataclass(frozen=True, eq=False)
class TabulatedEnergy:
    """Electron-equivalent energy from quenching factors in rows."""

    energy: Array
    factor: Array

    def __call__(self, recoil_energy: Array) -> Array:
        """Return it; factors are linear between rows and held beyond."""
        return recoil_energy * np.interp(recoil_energy, self.energy, self.factor)


@dataclass(frozen=True, eq=False)
class QuenchedFold:
    """How nuclear recoils become counts: quenching, then what the detector makes of electrons."""

    detector: ElectronDetector
    nominal: Quenched
    variations: Mapping[str, tuple[Quenched, Quenched]]

    def __call__(self, grid: RecoilGrid) -> Terms:
        """Return the response with the nuisances of the detector, then those of the quenching."""
        terms = quenching_detector(self.detector, self.nominal).fold(grid)
        up_and_down = {
            name: (self._matrix(grid, up), self._matrix(grid, down))
            for name, (up, down) in self.variations.items()
        }
        return yield_terms(terms, up_and_down)

    def _matrix(self, grid: RecoilGrid, quenched: Quenched) -> Array:
        return quenching_detector(self.detector, quenched).matrix(grid)


def quenching_detector(detector: ElectronDetector, quenched: Quenched) -> ElectronDetector:
    """Return the detector of nuclear recoils that are seen as electrons of less energy."""

    def of(detector: ElectronDetector) -> ElectronDetector:
        assert detector.smearing is not None
        return replace(detector, smearing=Composed(quenched, detector.smearing))

    def end(known: ElectronDetector | float) -> ElectronDetector | float:
        return known if isinstance(known, float) else of(known)

    variations = tuple(v._replace(up=end(v.up), down=end(v.down)) for v in detector.variations)
    return replace(of(detector), variations=variations)


@dataclass(frozen=True, eq=False)
class Composed:
    """Mean and width of the reconstructed energy by recoil energy."""

    quenched: Quenched
    smearing: Smearing

    def __call__(self, recoil_energy: Array) -> tuple[Array, Array]:
        """Return those of an electron of the quenched energy."""
        return self.smearing(self.quenched(recoil_energy))


def quenched_response(
    path: Path,
    file: QuenchedRecoilFile,
    detector: ElectronDetector,
    source: Source,
    table: Callable[[str], Table],
) -> Response:
    """Return the response to nuclear recoils.

    Raises
    ------
    InputError
        If a quenching is above one, or its energies do not ascend.
    """
    last = float(detector.edges[-1])
    nominal, variations = read_quenching(path, file.quenching, detector.target, last, table)
    ends = [detector]
    for varied in detector.variations:
        ends += [end for end in (varied.up, varied.down) if isinstance(end, ElectronDetector)]
    low, high, widest = np.array([_reach(nominal, end) for end in ends]).T
    masses = [
        one.mass for one in scatterers("nuclei", RECOILS_KEV[:1], file.neutrinos, detector.target)
    ]
    steps = [float(maximum_recoil(energy, m)) for energy in source.breaks for m in masses]
    if file.efficiency.energy == "true":
        steps += [knot for end in ends for knot in end.efficiency[0]]
    grid = detector.grid_of(float(low.min()), float(high.max()), steps, float(widest.min()))
    return folded("nuclei", grid, QuenchedFold(detector, nominal, variations))


def _reach(quenched: Quenched, detector: ElectronDetector) -> tuple[float, float, float]:
    """Return the lowest and highest recoil energies seen, and the widest cells of a grid, keV."""
    assert detector.smearing is not None
    recoils = rising(quenched)
    mean, width = detector.smearing(quenched(recoils))
    inside = mean + WIDTHS_IN_REACH * width >= detector.edges[0]
    inside &= mean - WIDTHS_IN_REACH * width <= detector.edges[-1]
    # The resolution has to be resolved where it is narrowest, in recoil energy.
    slopes = np.diff(mean[inside]) / np.diff(recoils[inside])
    widest = float(width[inside].min() / slopes.max())
    return float(recoils[inside][0]), float(recoils[inside][-1]), widest


def read_quenching(
    path: Path,
    entry: entries.Quenching,
    target: Material,
    last: float,
    table: Callable[[str], Table],
) -> tuple[Quenched, dict[str, tuple[Quenched, Quenched]]]:
    """Return the quenching of a file, and those at plus and minus one sigma of its nuisances.

    Parameters
    ----------
    last : float
        End of the last bin in electron-equivalent energy, keV.

    Raises
    ------
    InputError
        If a quenching is above one, or falls before the last bin is reached.
    """
    nominal, variations = _read(path, entry, target, table)
    for one in (nominal, *(q for pair in variations.values() for q in pair)):
        _check(path, one, last)
    return nominal, variations


def _read(
    path: Path, entry: entries.Quenching, target: Material, table: Callable[[str], Table]
) -> tuple[Quenched, dict[str, tuple[Quenched, Quenched]]]:
    if isinstance(entry, Lindhard):
        if len(target.atoms) > 1:
            raise InputError(
                path, "quenching.model", found=f"lindhard for {target}", expected="an element"
            )
        z, k, sigma = target.atoms[0][0].z, entry.k, entry.sigma_k
        pair = (LindhardEnergy(k + sigma, z), LindhardEnergy(max(k - sigma, 0.0), z))
        return LindhardEnergy(k, z), {K_NUISANCE: pair} if sigma > 0.0 else {}
    if isinstance(entry, Polynomial):
        return PolynomialEnergy(entry.coefficients), {
            name: (PolynomialEnergy(entry.up[name]), PolynomialEnergy(entry.down[name]))
            for name in entry.up
        }
    return _tabulated(entry, table(entry.table))


def _tabulated(
    entry: TableQuenching, source: Table
) -> tuple[Quenched, dict[str, tuple[Quenched, Quenched]]]:
    energy = source.column("energy_keV", minimum=0.0, ascending=True)

    def factors(column: str) -> TabulatedEnergy:
        return TabulatedEnergy(energy, source.column(column, minimum=0.0, maximum=1.0))

    return factors(entry.column), {
        name: (factors(entry.up[name]), factors(entry.down[name])) for name in entry.up
    }


def rising(quenched: Quenched) -> Array:
    """Return recoil energies up to where a formula turns over, beyond its use."""
    falls = np.diff(quenched(RECOILS_KEV)) < 0.0
    return RECOILS_KEV[: int(np.argmax(falls)) + 1] if falls.any() else RECOILS_KEV


def _check(path: Path, quenched: Quenched, last: float) -> None:
    recoils = rising(quenched)
    energy = quenched(recoils)
    if energy[-1] < last:
        raise InputError(
            path,
            "quenching",
            found=f"{energy[-1]:.3g} keV at most",
            expected=f"energies that rise up to the last bin, {last:g} keV",
        )
    # A polynomial is one where it was measured, and nothing is seen far above the last bin.
    recoils = recoils[energy <= 2.0 * last]
    factor = energy[: len(recoils)] / recoils
    wrong = (factor > 1.0) | (factor < 0.0)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InputError(
            path,
            "quenching",
            found=f"a factor of {factor[at]:.3g} at {recoils[at]:.3g} keV",
            expected="0 to 1",
        )
