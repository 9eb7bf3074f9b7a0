"""The same formula on NumPy arrays and PyTensor tensors, values and gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import (
    anapole,
    charge_radius,
    coherent,
    elastic_electron,
    gauge_bosons,
    light_mediators,
    magnetic_moment,
    millicharge,
    non_standard,
    sterile_dipole,
    tensor_mediator,
)
from bayesnu.physics.cross_sections.electroweak import (
    FLAVOURS,
    PAIRS,
    radiative_couplings,
    radiative_nucleon_couplings,
    tree_level_couplings,
)
from bayesnu.physics.cross_sections.flavour_matrix import FlavourMatrix, diagonal
from bayesnu.physics.sources.sun.oscillation import (
    OscillationParameters,
    flavour_probabilities,
    survival_low_energy,
    survival_msw,
)
from bayesnu.physics.targets import form_factors, nuclei

RECOIL = np.geomspace(0.5, 60, 220)
ENERGY = np.linspace(0.2, 9, 220)
XENON = nuclei.average("Xe").mass
SIGMA = 2e-22 * np.geomspace(1, 0.01, 220)


def electron(shift):
    return elastic_electron.coefficients(RECOIL, 0.97 + shift, 0.5)


def nucleus(shift):
    return coherent.coefficients(
        RECOIL, coherent.weak_charge(54, 77, proton_shift=shift), XENON, 0.9
    )


def boson(charges, x, g, mass):
    """A nucleus that a muon neutrino sees through a gauge boson too."""
    charges = gauge_bosons.CHARGES[charges]
    shift = charges.lepton.mu * charges.of_nucleus(2 * XENON * RECOIL, 54, 77)
    shift = shift * light_mediators.exchange(RECOIL, g(x), mass(x), XENON)
    return coherent.coefficients(RECOIL, -37.0 + shift, XENON)


def neutrons(x, shape):
    """A nucleus whose neutrons have another radius."""
    q = form_factors.momentum_transfer(RECOIL, XENON)
    return coherent.coefficients(RECOIL, 1.2 - 38.5 * form_factors.of_radius(q, x, shape), XENON)


LEFT, RIGHT = diagonal({"e": 1.5, "mu": -0.5, "tau": -0.5}), diagonal(dict.fromkeys(FLAVOURS, 0.5))
WEAK = diagonal(dict.fromkeys(FLAVOURS, -37.0))


def flavours(x):
    """A matrix in which no element vanishes."""
    return FlavourMatrix(
        dict.fromkeys(FLAVOURS, 0.3 * x),
        {pair: x + 0.1 * n for n, pair in enumerate(PAIRS)},
        {pair: 0.2 - x * n for n, pair in enumerate(PAIRS)},
    )


# Name: a cross section of one O(1) parameter x.
SIGNALS: dict[str, Callable[[Any], Any]] = {
    "weak mixing angle": lambda x: elastic_electron.coefficients(
        RECOIL, tree_level_couplings(0.3 * x).g_v.mu, -0.5
    ),
    "magnetic moment": lambda x: magnetic_moment.electron_coefficients(RECOIL, x * 1e-11),
    "nuclear magnetic moment": lambda x: magnetic_moment.nuclear_coefficients(
        RECOIL, x * 1e-9, 54, 0.9
    ),
    "charge": lambda x: electron(millicharge.vector_shift(RECOIL, x * 1e-13)),
    "transition charge": lambda x: millicharge.transition_coefficients(RECOIL, x * 1e-13),
    "equivalent photons": lambda x: millicharge.equivalent_photon_coefficients(
        RECOIL, x * 1e-13, SIGMA
    ),
    "nuclear charge": lambda x: nucleus(millicharge.proton_coupling_shift(RECOIL, x * 1e-8, XENON)),
    "charge radius": lambda x: electron(charge_radius.vector_shift(x * 1e-32)),
    "transition radius": lambda x: charge_radius.transition_coefficients(RECOIL, x * 1e-32),
    "nuclear charge radius": lambda x: nucleus(charge_radius.proton_coupling_shift(x * 1e-32)),
    "anapole": lambda x: electron(anapole.vector_shift(x * 1e-32)),
    "nuclear anapole": lambda x: nucleus(anapole.proton_coupling_shift(x * 1e-32)),
    "vector mediator": lambda x: electron(light_mediators.vector_shift(RECOIL, x * 1e-6, 10.0)),
    "axial mediator": lambda x: elastic_electron.coefficients(
        RECOIL, 0.9, 0.5 + light_mediators.axial_shift(RECOIL, 1e-6, x * 10.0)
    ),
    "scalar mediator": lambda x: light_mediators.scalar_coefficients(RECOIL, 1e-6, x * 100.0),
    "pseudoscalar mediator": lambda x: light_mediators.pseudoscalar_coefficients(
        RECOIL, x * 1e-6, 10.0
    ),
    "nuclear vector mediator": lambda x: coherent.coefficients(
        RECOIL, -37.0 + light_mediators.weak_charge_shift(RECOIL, x * 1e-5, 1e3, 131, XENON), XENON
    ),
    "nuclear scalar mediator": lambda x: light_mediators.nuclear_scalar_coefficients(
        RECOIL, 1e-6, x * 1e3, 1800.0, XENON, 0.9
    ),
    "non-standard, electrons": lambda x: non_standard.electron_change(
        RECOIL, (LEFT, RIGHT), (flavours(x), flavours(0.5 * x)), ("Im", "e", "mu")
    ),
    "non-standard, nuclei": lambda x: non_standard.nuclear_change(
        RECOIL, WEAK, 20.0 * flavours(x), XENON, 0.9, ("Re", "mu", "tau")
    ),
    "sterile dipole": lambda x: sterile_dipole.coefficients(
        RECOIL, 1e-11, x * 0.05, const.ELECTRON_MASS_KEV
    ),
    "weak mixing angle with loops": lambda x: elastic_electron.coefficients(
        RECOIL, radiative_couplings().at(0.3 * x).g_v.e, 0.49
    ),
    "nucleons with loops": lambda x: coherent.coefficients(
        RECOIL, 54 * radiative_nucleon_couplings().at(0.3 * x).proton - 39.4, XENON
    ),
    "gauge boson": lambda x: boson("b-l", x, lambda x: x * 1e-5, lambda x: 1e3),
    "gauge boson's mass": lambda x: boson("lmu-ltau", x, lambda x: 1e-4, lambda x: x * 1e3),
    "tensor mediator": lambda x: tensor_mediator.coefficients(
        RECOIL, x * 1e-6, x * 30.0, const.ELECTRON_MASS_KEV
    ),
    "nuclear tensor mediator": lambda x: tensor_mediator.coefficients(
        RECOIL, 1e-5, x * 1e3, XENON, tensor_mediator.charge(131), 0.9
    ),
    "neutron radius": lambda x: neutrons(5 * x, "helm"),
    "neutron radius with Yukawa's skin": lambda x: neutrons(5 * x, "klein-nystrand"),
    "nuclear sterile dipole": lambda x: sterile_dipole.coefficients(
        RECOIL, x * 1e-9, x * 2.0, XENON, 54, 0.9
    ),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_numpy_and_pytensor_agree_in_value_and_gradient(name):
    signal = SIGNALS[name]
    x = pt.dscalar("x")
    tensor = signal(x).at(ENERGY)
    # A fixed O(1) combination of energies, so that one gradient tests all of them.
    weight = np.cos(np.arange(220)) + 2
    scale = np.abs(signal(0.7).at(ENERGY))
    loss = (tensor * (weight / scale)).sum()
    compiled = pytensor.function([x], [tensor, pytensor.grad(loss, x)], mode="FAST_COMPILE")
    for point in (0.7, 1.3):
        value, gradient = compiled(point)
        reference = signal(point).at(ENERGY)
        # A few roundings; the cross section below a threshold may pass through zero.
        np.testing.assert_allclose(value, reference, rtol=1e-12, atol=1e-12 * scale.max())
        step = 1e-4

        def at(shifted):
            return (signal(shifted).at(ENERGY) * weight / scale).sum()

        # Fourth-order differences: error of order step^4 and rounding / step.
        numeric = (
            8 * (at(point + step) - at(point - step)) - at(point + 2 * step) + at(point - 2 * step)
        ) / (12 * step)
        assert gradient == pytest.approx(numeric, rel=1e-6, abs=1e-8)


def test_oscillation_accepts_tensors():
    names = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "dm2_21_eV2")
    symbols = [pt.dscalar(name) for name in names]
    values = (0.31, 0.021, 0.55, 7.4e-5)
    energy = np.linspace(0.1, 15, 200)

    def everything(parameters):
        survival = survival_msw(energy, "b8", parameters)
        low = survival_low_energy(parameters)
        return [survival, low, *flavour_probabilities(low, parameters)]

    tensors = everything(OscillationParameters(*symbols))
    gradient = pytensor.grad(tensors[0].sum(), symbols[3])
    compiled = pytensor.function(symbols, [*tensors, gradient], mode="FAST_COMPILE")
    *found, slope = compiled(*values)
    for tensor, reference in zip(found, everything(OscillationParameters(*values)), strict=True):
        np.testing.assert_allclose(tensor, reference, rtol=1e-12)
    step = 1e-9
    up, down = (
        survival_msw(energy, "b8", OscillationParameters(*values[:3], values[3] + s)).sum()
        for s in (step, -step)
    )
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_coefficients_add_and_scale_with_arrays_and_tensors():
    one = electron(0.0)
    doubled = np.full(220, 2.0) * one
    np.testing.assert_array_equal((one + one).at(ENERGY), doubled.at(ENERGY))
    np.testing.assert_array_equal((one * 2).c2, (2 * one).c2)
    x = pt.dscalar("x")
    scaled = pytensor.function([x], (one * x).c0, mode="FAST_COMPILE")
    np.testing.assert_array_equal(scaled(2.0), doubled.c0)
    with pytest.raises(TypeError):
        one + 1.0
