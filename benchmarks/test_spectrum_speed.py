"""What the polynomial form of the cross sections buys: one recoil spectrum, two ways.

1000 recoil energies, all solar components, three flavours, every signal on electrons at once.
Run with ``pytest benchmarks``; add ``-s`` for the table of timings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pytest
from scipy.integrate import quad

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import (
    anapole,
    charge_radius,
    elastic_electron,
    kinematics,
    light_mediators,
    magnetic_moment,
    millicharge,
    sterile_dipole,
)
from bayesnu.physics.cross_sections.electroweak import FLAVOURS, ByFlavour, tree_level_couplings
from bayesnu.physics.sources.sun.flux_moments import _cumulative, flux_moments
from bayesnu.physics.sources.sun.fluxes import solar_fluxes
from bayesnu.physics.sources.sun.oscillation import survival_interpolator
from bayesnu.physics.sources.sun.spectra import COMPONENTS, LineSpectrum, spectrum
from bayesnu.physics.targets import atom as atomic

ACCURACY = 1e-5
REQUIRED_RATIO = 1000
M_E = const.ELECTRON_MASS_KEV
M4 = 0.02  # MeV
RECOIL = np.geomspace(0.5, 140, 1000)
THRESHOLD = kinematics.minimum_energy(RECOIL, M_E)
HEAVY_THRESHOLD = sterile_dipole.minimum_energy(RECOIL, M4, M_E)


@dataclass(frozen=True)
class Parameters:
    """Every signal switched on, of a size that changes the spectrum."""

    mu: ByFlavour
    charge: ByFlavour
    radius: ByFlavour
    anapole: ByFlavour
    transition_charge: float = 1e-13
    transition_radius: float = 4e-32
    vector: float = 3e-7
    axial: float = 2e-7
    scalar: float = 4e-7
    pseudoscalar: float = 1e-6
    mediator_mass: float = 20.0  # keV
    dipole: float = 5e-12
    equivalent_photons: float = 5e-14


PARAMETERS = Parameters(
    mu=ByFlavour(6e-12, 7e-12, 8e-12),
    charge=ByFlavour(2e-13, -1e-13, 3e-13),
    radius=ByFlavour(5e-32, -9e-32, 4e-32),
    anapole=ByFlavour(1e-31, 2e-31, -1e-31),
)


def cross_sections(recoil, p: Parameters, electrons, photoabsorption):
    """Return per flavour the coefficients per atom that share the massless threshold."""
    couplings = tree_level_couplings()
    common = light_mediators.scalar_coefficients(recoil, p.scalar, p.mediator_mass)
    common += light_mediators.pseudoscalar_coefficients(recoil, p.pseudoscalar, p.mediator_mass)
    # Two other flavours to change into.
    common += 2 * millicharge.transition_coefficients(recoil, p.transition_charge)
    common += 2 * charge_radius.transition_coefficients(recoil, p.transition_radius)
    common *= electrons
    common += millicharge.equivalent_photon_coefficients(
        recoil, p.equivalent_photons, photoabsorption
    )
    vector = light_mediators.vector_shift(recoil, p.vector, p.mediator_mass)
    axial = light_mediators.axial_shift(recoil, p.axial, p.mediator_mass)
    found = []
    for flavour in FLAVOURS:
        g_v = (
            getattr(couplings.g_v, flavour)
            + vector
            + millicharge.vector_shift(recoil, getattr(p.charge, flavour))
            + charge_radius.vector_shift(getattr(p.radius, flavour))
            + anapole.vector_shift(getattr(p.anapole, flavour))
        )
        g_a = getattr(couplings.g_a, flavour) + axial
        own = elastic_electron.coefficients(recoil, g_v, g_a)
        own += magnetic_moment.electron_coefficients(recoil, getattr(p.mu, flavour))
        found.append(own * electrons + common)
    return found


def all_moments(threshold):
    """Return flux moments of all components and flavours, shape (8, 3, 4, 1000)."""
    fluxes = solar_fluxes()
    result = np.empty((len(COMPONENTS), 3, 4, len(threshold)))
    for row, component in enumerate(COMPONENTS):
        total = flux_moments(component, threshold)
        survived = flux_moments(component, threshold, survival_interpolator(component))
        by_flavour = (survived, 0.5 * (total - survived), 0.5 * (total - survived))
        result[row] = fluxes[component].value * np.array(by_flavour)
    return result


def by_moments(p: Parameters, moments, heavy_moments, electrons, photoabsorption):
    """Return the spectrum per atom and second of each component, shape (8, 1000)."""
    coefficients = cross_sections(RECOIL, p, electrons, photoabsorption)
    stacked = np.array([[c.c0, c.c1, c.c2, c.clog] for c in coefficients])
    rate = np.einsum("fnt,cfnt->ct", stacked, moments)
    dipole = sterile_dipole.coefficients(RECOIL, p.dipole, M4, M_E) * electrons
    heavy = heavy_moments.sum(axis=1)
    return rate + dipole.c0 * heavy[:, 0] + dipole.c1 * heavy[:, 1] + dipole.c2 * heavy[:, 2]


def integrand(component: str, row: int, p: Parameters) -> Callable[..., np.ndarray]:
    """Return phi(E) times the textbook cross section at one recoil, summed over flavours."""
    table = spectrum(component)
    flux = solar_fluxes()[component].value
    grid = np.linspace(0, 20.1, 8001)
    inside = np.minimum(grid, 1.0009 * float(table.energy[-1]))
    survival = survival_interpolator(component)(inside)
    recoil = RECOIL[row] * np.ones(1)
    electrons = atomic.effective_electrons(recoil)
    light = cross_sections(recoil, p, electrons, atomic.photoabsorption(recoil))
    heavy = sterile_dipole.coefficients(recoil, p.dipole, M4, M_E) * electrons
    # Plain numbers: quadrature of scalars should not pay for arrays of one element.
    numbers = [[float(x[0]) for x in (c.c0, c.c1, c.c2, c.clog)] for c in light]
    h0, h1, h2 = (float(x[0]) for x in (heavy.c0, heavy.c1, heavy.c2))
    heavy_threshold = HEAVY_THRESHOLD[row]

    def value(energy):
        p_ee = np.interp(energy, grid, survival)
        other = 0.5 * (1 - p_ee)
        inverse, log = 1 / energy, np.log(energy)
        total = (h0 + h1 * inverse + h2 * inverse**2) * (energy >= heavy_threshold)
        for share, (c0, c1, c2, clog) in zip((p_ee, other, other), numbers, strict=True):
            total = total + share * (c0 + c1 * inverse + c2 * inverse**2 + clog * log)
        return flux * total

    return value


def direct_point(component: str, row: int, p: Parameters) -> float:
    """Return the rate of a component at one recoil energy by adaptive quadrature."""
    table, value = spectrum(component), integrand(component, row, p)
    low = THRESHOLD[row]
    if isinstance(table, LineSpectrum):
        return sum(
            weight * value(energy)
            for energy, weight in zip(table.energy, table.weight, strict=True)
            if energy >= low
        )
    if low >= table.energy[-1]:
        return 0.0
    middle = min(HEAVY_THRESHOLD[row], table.energy[-1])

    def density(energy):
        return np.interp(energy, table.energy, table.density, left=0.0) * value(energy)

    return sum(
        quad(density, start, stop, epsabs=0, epsrel=ACCURACY, limit=500)[0]
        for start, stop in ((low, middle), (middle, table.energy[-1]))
        if stop > start
    )


def by_arrays(p: Parameters, electrons, photoabsorption, order: int):
    """Return the summed spectrum by Gauss quadrature of fixed order, on arrays throughout."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    light = cross_sections(RECOIL, p, electrons, photoabsorption)
    heavy = sterile_dipole.coefficients(RECOIL, p.dipole, M4, M_E) * electrons
    total = np.zeros_like(RECOIL)
    for component, flux in solar_fluxes().items():
        table, survival = spectrum(component), survival_interpolator(component)
        for coefficients, low, lost in (
            *((c, THRESHOLD, column > 0) for column, c in enumerate(light)),
            (heavy, HEAVY_THRESHOLD, None),
        ):
            if isinstance(table, LineSpectrum):
                energy = np.broadcast_to(table.energy, (len(RECOIL), len(table.energy)))
                measure = table.weight * (energy >= low[:, None])
            else:
                half = 0.5 * np.log(np.maximum(table.energy[-1] / low, 1.0))[:, None]
                energy = np.exp(np.log(table.energy[-1]) + half * (nodes - 1))
                measure = half * weights * energy
                measure = measure * np.interp(energy, table.energy, table.density, left=0.0)
            if lost is not None:
                p_ee = survival(energy)
                measure = measure * (0.5 * (1 - p_ee) if lost else p_ee)
            c0, c1, c2 = (x[:, None] for x in (coefficients.c0, coefficients.c1, coefficients.c2))
            value = c0 + c1 / energy + c2 / energy**2
            if np.ndim(coefficients.clog):
                value = value + coefficients.clog[:, None] * np.log(energy)
            total += flux.value * (measure * value).sum(axis=1)
    return total


def best_of(repeats: int, function: Callable[[], object]) -> float:
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return min(times)


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
def test_a_spectrum_from_moments_is_a_thousand_times_faster_than_quadrature(benchmark):
    electrons = atomic.effective_electrons(RECOIL)
    photoabsorption = atomic.photoabsorption(RECOIL)

    def prepare():
        _cumulative.cache_clear()
        return all_moments(THRESHOLD), all_moments(HEAVY_THRESHOLD)

    for component in COMPONENTS:  # P_ee(E) is shared by both ways
        survival_interpolator(component)
    moments, heavy = prepare()
    spectra = benchmark(by_moments, PARAMETERS, moments, heavy, electrons, photoabsorption)

    # The direct way is too slow to run in full: every 40th recoil energy, scaled.
    rows = np.arange(7, len(RECOIL), 40)
    start = perf_counter()
    direct = np.array(
        [[direct_point(component, row, PARAMETERS) for row in rows] for component in COMPONENTS]
    )
    direct_seconds = (perf_counter() - start) * len(RECOIL) / len(rows)
    total = spectra.sum(axis=0)[rows]
    np.testing.assert_allclose(direct.sum(axis=0), total, rtol=ACCURACY)

    # The best that quadrature can do without moments, for comparison.
    summed = spectra.sum(axis=0)
    for order in (16, 32, 64, 128, 256, 512, 1024):
        arrays = by_arrays(PARAMETERS, electrons, photoabsorption, order)
        if np.abs(arrays / summed - 1).max() <= ACCURACY:
            break
    np.testing.assert_allclose(arrays, summed, rtol=ACCURACY)
    array_seconds = best_of(2, lambda: by_arrays(PARAMETERS, electrons, photoabsorption, order))

    spectrum_seconds = best_of(
        20, lambda: by_moments(PARAMETERS, moments, heavy, electrons, photoabsorption)
    )
    moment_seconds = best_of(3, prepare)
    ratio = direct_seconds / spectrum_seconds
    with_moments = direct_seconds / (spectrum_seconds + moment_seconds)
    benchmark.extra_info.update(
        direct_seconds=direct_seconds,
        array_seconds=array_seconds,
        moment_seconds=moment_seconds,
        ratio=ratio,
        ratio_with_moments=with_moments,
    )
    print(
        f"\nspectrum from moments {spectrum_seconds * 1e3:8.3f} ms"
        f"\nmoments, once         {moment_seconds * 1e3:8.1f} ms"
        f"\ndirect quadrature     {direct_seconds * 1e3:8.0f} ms (epsrel {ACCURACY:g})"
        f"\nthe same on arrays    {array_seconds * 1e3:8.0f} ms (Gauss, {order} nodes)"
        f"\nfaster by             {ratio:8.0f} (with the moments in it: {with_moments:.0f};"
        f" than arrays: {array_seconds / spectrum_seconds:.0f})"
    )
    assert ratio >= REQUIRED_RATIO
