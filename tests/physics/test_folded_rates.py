"""Rates from moments against direct two-dimensional quadrature over recoil and energy."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import quad

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import (
    charge_radius,
    coherent,
    elastic_electron,
    kinematics,
    light_mediators,
    magnetic_moment,
    millicharge,
    non_standard,
    sterile_dipole,
    tensor_mediator,
)
from bayesnu.physics.cross_sections.coefficients import Coefficients
from bayesnu.physics.cross_sections.electroweak import PAIRS
from bayesnu.physics.cross_sections.flavour_matrix import FlavourMatrix, diagonal
from bayesnu.physics.cross_sections.gauge_bosons import CHARGES
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.oscillation import survival_interpolator, survival_msw
from bayesnu.physics.sources.sun.spectra import LineSpectrum, line_energies, spectrum
from bayesnu.physics.targets import form_factors, nuclei

M_E = const.ELECTRON_MASS_KEV
XENON = nuclei.average("Xe")

NEUTRAL = {"e": 1.5, "mu": -0.5, "tau": -0.5}
MIXING = FlavourMatrix(
    dict.fromkeys(NEUTRAL, 0.2), dict.fromkeys(PAIRS, 0.1), dict.fromkeys(PAIRS, -0.3)
)


@dataclass(frozen=True)
class Case:
    component: str
    recoils: tuple[float, float]  # keV
    coefficients: Callable[[np.ndarray], Coefficients]
    mass: float = M_E  # keV
    m4: float = 0.0  # MeV
    oscillated: bool = False


def nuclear_form_factor(recoil):
    return (
        form_factors.klein_nystrand(form_factors.momentum_transfer(recoil, XENON.mass), XENON.a)
        ** 2
    )


CASES = {
    "Standard Model, pp": Case(
        "pp", (2.0, 4.0), lambda t: elastic_electron.coefficients(t, 0.977, 0.5)
    ),
    "Standard Model, 7Be across the end of the lower line": Case(
        "be7", (200.0, 260.0), lambda t: elastic_electron.coefficients(t, 0.977, 0.5)
    ),
    "survival by energy, 15O": Case(
        "o15",
        (50.0, 90.0),
        lambda t: elastic_electron.coefficients(t, -0.02, -0.5),
        oscillated=True,
    ),
    "magnetic moment, pp": Case(
        "pp", (1.2, 2.0), lambda t: magnetic_moment.electron_coefficients(t, 1e-11)
    ),
    "charge with interference, 13N": Case(
        "n13",
        (1.2, 3.0),
        lambda t: elastic_electron.coefficients(t, 0.977 + millicharge.vector_shift(t, 2e-13), 0.5),
    ),
    "equivalent photons, pp": Case(
        "pp",
        (1.2, 3.0),
        lambda t: millicharge.equivalent_photon_coefficients(t, 1e-13, 3e-18 / t**3),
    ),
    "transition radius, 17F": Case(
        "f17", (5.5, 9.0), lambda t: charge_radius.transition_coefficients(t, 1e-31)
    ),
    "scalar mediator, pp": Case(
        "pp", (5.5, 9.0), lambda t: light_mediators.scalar_coefficients(t, 1e-6, 30.0)
    ),
    "coherent, 8B": Case(
        "b8",
        (0.5, 1.5),
        lambda t: coherent.coefficients(t, -37.4, XENON.mass, nuclear_form_factor(t)),
        mass=XENON.mass,
    ),
    "tensor mediator, pp": Case(
        "pp", (5.5, 9.0), lambda t: tensor_mediator.coefficients(t, 1e-6, 30.0, M_E)
    ),
    "tensor mediator on nuclei, 8B": Case(
        "b8",
        (0.5, 1.5),
        lambda t: tensor_mediator.coefficients(
            t, 1e-5, 1e3, XENON.mass, tensor_mediator.charge(XENON.a), nuclear_form_factor(t)
        ),
        mass=XENON.mass,
    ),
    "gauge boson that charges electrons by a loop, pp": Case(
        "pp",
        (5.5, 9.0),
        lambda t: elastic_electron.coefficients(
            t,
            -0.02
            + CHARGES["lmu-ltau"].of_electron(2 * M_E * t)
            * light_mediators.exchange(t, 1e-5, 30.0, M_E),
            -0.5,
        ),
    ),
    "gauge boson of nuclei, 8B": Case(
        "b8",
        (0.5, 1.5),
        lambda t: coherent.coefficients(
            t,
            -37.4
            - CHARGES["b-l"].of_nucleus(2 * XENON.mass * t, 54, XENON.n)
            * light_mediators.exchange(t, 1e-5, 1e3, XENON.mass),
            XENON.mass,
            nuclear_form_factor(t),
        ),
        mass=XENON.mass,
    ),
    "neutrons' radius, 8B": Case(
        "b8",
        (0.5, 1.5),
        lambda t: coherent.coefficients(
            t,
            1.2
            - 38.6
            * form_factors.of_radius(form_factors.momentum_transfer(t, XENON.mass), 5.3, "helm"),
            XENON.mass,
        ),
        mass=XENON.mass,
    ),
    "non-standard, imaginary coherence, 15O": Case(
        "o15",
        (50.0, 90.0),
        lambda t: non_standard.electron_change(
            t, (diagonal(NEUTRAL), diagonal(NEUTRAL)), (MIXING, MIXING * 0.5), ("Im", "e", "tau")
        ),
        oscillated=True,
    ),
    "non-standard, nuclei, 8B": Case(
        "b8",
        (0.5, 1.5),
        lambda t: non_standard.nuclear_change(
            t,
            diagonal(dict.fromkeys(NEUTRAL, -37.4)),
            non_standard.quark_charge(54, 77, MIXING, MIXING * -0.3),
            XENON.mass,
            nuclear_form_factor(t),
            ("Re", "mu", "tau"),
        ),
        mass=XENON.mass,
    ),
    "sterile dipole, 8B": Case(
        "b8",
        (0.5, 1.5),
        lambda t: sterile_dipole.coefficients(t, 1e-9, 1.5, XENON.mass, 54, nuclear_form_factor(t)),
        mass=XENON.mass,
        m4=1.5,
    ),
}


def from_moments(case: Case) -> float:
    """Integrate the folded rate by Gauss-Legendre panels with edges at the ends of lines."""
    low, high = case.recoils
    ends = [kinematics.maximum_recoil(e, case.mass) for e in line_energies(case.component)]
    edges = np.unique([*np.linspace(low, high, 21), *[e for e in ends if low < e < high]])
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = np.diff(edges)[:, None] / 2
    recoil = (edges[:-1, None] + half * (1 + nodes)).ravel()
    threshold = sterile_dipole.minimum_energy(recoil, case.m4, case.mass)
    weight = survival_interpolator(case.component) if case.oscillated else None
    rate = case.coefficients(recoil).fold(flux_moments(case.component, threshold, weight))
    return float((rate * (half * weights).ravel()).sum())


def by_quadrature(case: Case) -> float:
    """Integrate phi(E) dsigma/dT over neutrino energies, then over recoils, adaptively."""
    table = spectrum(case.component)

    def weight(energy):
        return float(survival_msw(energy, case.component)) if case.oscillated else 1.0

    def rate(recoil: float) -> float:
        cross_section = case.coefficients(np.float64(recoil))
        # The threshold in textbook form, solved for cos = 1.
        momentum = np.sqrt(recoil**2 + 2 * case.mass * recoil)
        threshold = (case.mass * recoil + (1e3 * case.m4) ** 2 / 2) / (momentum - recoil) * 1e-3
        if isinstance(table, LineSpectrum):
            return sum(
                share * weight(energy) * cross_section.at(energy)
                for energy, share in zip(table.energy, table.weight, strict=True)
                if energy >= threshold
            )
        knots = [threshold, *table.energy[table.energy > threshold]]
        return sum(
            quad(
                lambda e: (
                    np.interp(e, table.energy, table.density) * weight(e) * cross_section.at(e)
                ),
                start,
                stop,
                epsabs=0,
                epsrel=1e-8,
            )[0]
            for start, stop in itertools.pairwise(knots)
        )

    ends = [kinematics.maximum_recoil(e, case.mass) for e in line_energies(case.component)]
    inside = [e for e in ends if case.recoils[0] < e < case.recoils[1]]
    return float(quad(rate, *case.recoils, epsabs=0, epsrel=1e-7, points=inside or None)[0])


@pytest.mark.parametrize("name", CASES)
def test_moments_fold_as_two_dimensional_quadrature_does(name):
    assert from_moments(CASES[name]) == pytest.approx(by_quadrature(CASES[name]), rel=1e-6)
