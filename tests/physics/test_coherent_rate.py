"""The Standard-Model nuclear-recoil rate of 8B neutrinos on xenon."""

import numpy as np
import pytest

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import coherent, kinematics
from bayesnu.physics.sources.sun.flux_moments import flux_moments
from bayesnu.physics.sources.sun.spectra import SpectrumOptions
from bayesnu.physics.targets import form_factors, nuclei

FLUX = 5.25e6
RECOIL = np.linspace(0.45, 6.0, 5551)  # keV, steps of 1 eV


def rate(targets, form_factor, options=SpectrumOptions()):  # noqa: B008 - frozen
    """Events per t yr keV."""
    total = np.zeros_like(RECOIL)
    for nucleus in targets:
        squared = form_factor(form_factors.momentum_transfer(RECOIL, nucleus.mass), nucleus.a) ** 2
        charge = coherent.weak_charge(nucleus.z, nucleus.n)
        threshold = kinematics.minimum_energy(RECOIL, nucleus.mass)
        moments = FLUX * flux_moments("b8", threshold, options=options)
        cross_section = coherent.coefficients(RECOIL, charge, nucleus.mass, squared)
        total += nucleus.abundance * cross_section.fold(moments)
    return total * const.XENON_ATOMS_PER_TONNE * const.SECONDS_PER_YEAR


def above_threshold(spectrum):
    return np.trapezoid(spectrum, RECOIL)


def fraction_below(spectrum, limit):
    # The grid has steps of 1 eV, a linear cumulative sum between them is exact enough.
    cumulative = np.concatenate(
        [[0], np.cumsum((spectrum[1:] + spectrum[:-1]) / 2 * np.diff(RECOIL))]
    )
    return np.interp(limit, RECOIL, cumulative) / cumulative[-1]


@pytest.fixture(scope="module")
def default():
    return rate([nuclei.average("Xe")], form_factors.klein_nystrand)


def rms(q, a):
    return form_factors.klein_nystrand(q, a, radius="rms")


@pytest.mark.parametrize(
    ("form_factor", "events"),
    [(rms, 335.0), (form_factors.klein_nystrand, 343.0), (form_factors.helm, 345.0)],
)
def test_rate_above_threshold_agrees_with_an_independent_calculation(form_factor, events):
    # Printed to three digits.
    assert above_threshold(rate([nuclei.average("Xe")], form_factor)) == pytest.approx(
        events, abs=0.6
    )


def test_shape_agrees_with_the_prototype():
    # The prototype has the radius of the paper's words.
    spectrum = rate([nuclei.average("Xe")], rms)
    found = [fraction_below(spectrum, limit) for limit in (0.7, 1.0, 1.5, 2.0)]
    # Printed to three digits, asked for within 0.003; found within 0.0007.
    assert found == pytest.approx([0.436, 0.727, 0.930, 0.986], abs=1e-3)


def test_the_average_nucleus_stands_for_the_isotopes(default):
    isotopes = rate(nuclei.isotopes("Xe"), form_factors.klein_nystrand)
    assert above_threshold(isotopes) == pytest.approx(above_threshold(default), rel=1e-4)
    # Heavier isotopes have softer recoils; that moves a fraction by 0.0003.
    for limit in (0.7, 1.0, 2.0):
        assert fraction_below(isotopes, limit) == pytest.approx(
            fraction_below(default, limit), abs=5e-4
        )


def test_what_the_open_choices_change(default):
    """Relative to the default; these figures are stated in the documentation."""
    nucleus = [nuclei.average("Xe")]
    changes = {
        "root-mean-square radius": (rate(nucleus, rms), -0.0229),
        "Helm form factor": (rate(nucleus, form_factors.helm), 0.0063),
        "Ortiz spectrum": (
            rate(nucleus, form_factors.klein_nystrand, SpectrumOptions(b8="ortiz")),
            0.0042,
        ),
    }
    for name, (spectrum, change) in changes.items():
        found = above_threshold(spectrum) / above_threshold(default) - 1
        assert found == pytest.approx(change, abs=2e-4), name  # half of the last digit, twice


def test_average_nucleus_has_the_standard_atomic_weight():
    average = nuclei.average("Xe")
    atomic = average.mass + const.XENON_Z * const.ELECTRON_MASS_KEV
    # Tabulated to six digits.
    assert atomic / const.ATOMIC_MASS_UNIT_KEV == pytest.approx(const.XENON_MOLAR_MASS_G, abs=1e-3)
    assert sum(isotope.abundance for isotope in nuclei.isotopes("Xe")) == pytest.approx(1)


@pytest.mark.parametrize("form_factor", [form_factors.klein_nystrand, form_factors.helm])
def test_form_factors_are_one_at_rest_and_smooth(form_factor):
    q = np.array([0.0, 1e-9, 1e-3, 1.0, 30.0])
    values = form_factor(q, 131.3)
    assert values[0] == 1.0
    assert np.isfinite(values).all()
    assert (np.diff(values) <= 0).all()
    # Series and closed form meet where one takes over from the other.
    fine = np.linspace(0.5, 8, 4001)
    second = np.diff(form_factor(fine, 131.3), 3)
    assert np.abs(second).max() < 1e-9


def test_form_factors_have_their_mean_square_radius():
    fm_in_mev = 197.3269804
    q = 0.05  # fm^-1, where F^2 = 1 - q^2 <r^2> / 3 to 1e-3
    for form_factor, radius in (
        (lambda x: rms(x, 131.3), 1.23 * 131.3 ** (1 / 3)),
        (
            lambda x: form_factors.klein_nystrand(x, 131.3),
            (0.6 * (1.23 * 131.3 ** (1 / 3)) ** 2 + 6 * 0.49) ** 0.5,
        ),
        # Lewin & Smith, Eq. 4.11: r_rms^2 = 3/5 r_n^2 + 3 s^2.
        (
            lambda x: form_factors.helm(x, 131.3),
            (
                0.6 * ((1.23 * 131.3 ** (1 / 3) - 0.6) ** 2 + 7 / 3 * (np.pi * 0.52) ** 2 - 4.05)
                + 3 * 0.81
            )
            ** 0.5,
        ),
    ):
        found = ((1 - form_factor(q * fm_in_mev) ** 2) * 3 / q**2) ** 0.5
        assert found == pytest.approx(radius, rel=0.02)
