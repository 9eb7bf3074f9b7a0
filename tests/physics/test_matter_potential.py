"""Non-standard interactions in the sun: eps_D and eps_N, conversion, degenerate solutions."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from monte_carlo import generator
from scipy.interpolate import CubicSpline

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const
from bayesnu.physics.moments import mixing_matrix
from bayesnu.physics.signals import signal_by_tag
from bayesnu.physics.sources.sun.matter import (
    MatterPotential,
    neutrons_per_electron,
    two_levels,
)
from bayesnu.physics.sources.sun.oscillation import (
    OscillationParameters,
    cosine_in_matter,
    survival_interpolator,
    survival_msw,
)
from bayesnu.physics.sources.sun.sun import sun
from bayesnu.physics.treatment import Neutrinos

ENERGY = np.linspace(0.2, 15.0, 30)
ANGLES = {"sin2_theta12": 0.31, "sin2_theta13": 0.022, "sin2_theta23": 0.57, "delta_cp": 4.0}
EXACT = 1e-12


def potential(matrix, of="electrons"):
    rows = tuple(tuple((float(x.real), float(x.imag)) for x in row) for row in matrix)
    return MatterPotential(**{of: rows})


def hermitian(rng, size=0.5):
    matrix = rng.normal(0.0, size, (3, 3)) + 1j * rng.normal(0.0, size, (3, 3))
    return (matrix + matrix.conj().T) / 2


@pytest.mark.parametrize("of", ["electrons", "up", "down"])
def test_without_interactions_there_is_the_standard_model(of):
    nothing = potential(np.zeros((3, 3)), of)
    standard, new = (OscillationParameters(**ANGLES, potential=p) for p in (None, nothing))
    for component in ("pp", "b8"):
        one, other = (survival_msw(ENERGY, component, p) for p in (standard, new))
        np.testing.assert_allclose(other, one, rtol=EXACT)


def test_the_sign_of_the_splitting_of_levels_and_the_angle_are_degenerate():
    """theta_12 -> pi/2 - theta_12 with eps_ee = -2 where the potential is that of electrons.

    The Hamiltonian changes its sign and is complex conjugated (Coloma and Schwetz, PRD 94 (2016)
    055005); so does what is left of it for two levels.
    """
    standard = OscillationParameters(**ANGLES)
    mirrored = ANGLES | {"sin2_theta12": 1.0 - ANGLES["sin2_theta12"]}
    dark = OscillationParameters(**mirrored, potential=potential(np.diag([-2.0, 0.0, 0.0])))
    for component in ("pp", "be7", "b8"):
        one, other = (survival_msw(ENERGY, component, p) for p in (standard, dark))
        np.testing.assert_allclose(other, one, rtol=EXACT)
    without = survival_msw(ENERGY, "b8", OscillationParameters(**mirrored))
    assert np.abs(without - survival_msw(ENERGY, "b8", standard)).max() > 0.1


def test_effective_levels_are_the_published_formulas():
    """Those of Gonzalez-Garcia and Maltoni, JHEP 09 (2013) 152, written out, at 200 points."""
    rng = generator(1)
    for _ in range(200):
        s13, s23 = rng.uniform(0.05, 0.95, 2)
        delta, eps = rng.uniform(-np.pi, np.pi), hermitian(rng)
        elements = potential(eps).electrons
        found = two_levels(elements, s13, s23, delta)
        c, s = np.sqrt(1.0 - np.array([s13, s23])), np.sqrt([s13, s23])
        (c13, c23), (n13, n23) = c, s
        diagonal = (
            c13 * n13 * (np.exp(1j * delta) * (n23 * eps[0, 1] + c23 * eps[0, 2])).real
            - (1 + s13) * c23 * n23 * eps[1, 2].real
            - c13**2 / 2 * (eps[0, 0] - eps[1, 1]).real
            + (s23 - s13 * c23**2) / 2 * (eps[2, 2] - eps[1, 1]).real
        )
        mixed = c13 * (c23 * eps[0, 1] - n23 * eps[0, 2]) + n13 * np.exp(-1j * delta) * (
            s23 * eps[1, 2] - c23**2 * np.conj(eps[1, 2]) + c23 * n23 * (eps[2, 2] - eps[1, 1]).real
        )
        np.testing.assert_allclose(found, (diagonal, mixed.real, mixed.imag), atol=1e-10)


@pytest.mark.parametrize("of", ["electrons", "up", "down"])
def test_two_levels_are_three_with_the_third_far_above(of):
    """Eigenstates of the whole Hamiltonian at each zone of production, by day."""
    rng = generator(2)
    eps, p = hermitian(rng, 0.2), OscillationParameters(**ANGLES)
    u = mixing_matrix(p)
    table = read_table("solar/production_gs98.csv")
    radius, share = table.column("radius_Rsun"), table.column("b8")
    share = share * np.gradient(radius)
    density = 10.0 ** table.column("log10_electron_density_NA_per_cm3")
    neutrons = neutrons_per_electron(radius)
    charge = {"electrons": 1.0 + 0 * radius, "up": 2 + neutrons, "down": 1 + 2 * neutrons}[of]
    found = survival_msw(
        ENERGY, "b8", OscillationParameters(**ANGLES, potential=potential(eps, of))
    )
    far = 1e4 * p.dm2_21_eV2
    vacuum = u @ np.diag([0.0, p.dm2_21_eV2, far]) @ u.conj().T
    for energy, value in zip(ENERGY[::7], found[::7], strict=True):
        per_zone = []
        for n_e, q in zip(density, charge, strict=True):
            a = const.MATTER_POTENTIAL_EV2_PER_MEV * energy * n_e
            matter = a * (np.diag([1.0, 0.0, 0.0]) + q * eps)
            states = np.linalg.eigh(vacuum + matter)[1]
            per_zone.append((np.abs(states[0]) ** 2) @ (np.abs(u[0]) ** 2))
        # Corrections are A / dm2_31, 10^-4 here.
        assert value == pytest.approx(np.dot(per_zone, share) / share.sum(), abs=2e-3)


def test_the_sun_has_half_a_neutron_to_an_electron_at_its_centre_and_a_sixth_outside():
    found = neutrons_per_electron(np.array([0.0, 0.05, 0.2, 0.5]))
    assert (np.diff(found) < 0).all()
    assert found[0] == pytest.approx(0.486, abs=0.002)
    assert found[-1] == pytest.approx(0.165, abs=0.002)


def test_hydrogen_and_electron_density_weigh_what_the_sun_weighs():
    """rho = 2 n_e / (1 + X) of B16 and X of BS05(OP), whose masses these are: densities of the
    two models differ by 2% at the centre."""
    hydrogen, zones = (read_table(f"solar/{n}.csv") for n in ("hydrogen", "production_gs98"))
    x = hydrogen.column("hydrogen_mass_fraction")
    assert (np.diff(x) > 0.0).all()
    at = hydrogen.column("radius_Rsun")
    for row in range(3, len(x) - 3):  # a wrong digit would leave the curve of the others
        others = CubicSpline(np.delete(at, row), np.delete(x, row))
        assert others(at[row]) == pytest.approx(x[row], abs=3e-4)
    radius = zones.column("radius_Rsun")
    log_n_e = zones.column("log10_electron_density_NA_per_cm3")
    # 245 exp(-10.54 r) of Bahcall's book is a fit to within a tenth between these radii.
    fitted = (radius > 0.15) & (radius < 0.45)
    np.testing.assert_allclose(log_n_e[fitted], 2.389 - 4.577 * radius[fitted], atol=0.045)
    x = np.interp(radius, at, x)
    shells = 4.0 * np.pi * radius**2 * 2.0 * 10.0**log_n_e / (1.0 + x) * (6.957e10) ** 3 / 1.9885e33
    mass = np.concatenate([[0.0], np.cumsum(0.5 * (shells[1:] + shells[:-1]) * np.diff(radius))])
    for within, share in ((0.20059, 0.3394), (0.40045, 0.7924)):
        assert np.interp(within, radius, mass) == pytest.approx(share, rel=0.02)


def test_tensors_are_numbers():
    signal = signal_by_tag("nsi-quark-propagation")
    names = ("eps_u_ee", "eps_d_emu", "im_u_etau", "size_d_mutau", "phi_d_mutau")
    values = dict(zip(names, (0.2, -0.3, 0.1, 0.4, 1.0), strict=True))

    def at(values):
        changes = signal.source_changes(signal.physical(values))
        return cosine_in_matter(ENERGY, "b8", OscillationParameters(**ANGLES, **changes))

    symbols = {name: pt.dscalar(name) for name in names}
    compiled = pytensor.function(list(symbols.values()), at(symbols), mode="FAST_COMPILE")
    np.testing.assert_allclose(compiled(*values.values()), at(values), rtol=EXACT)


def test_a_spline_of_the_probability_is_the_probability():
    own = OscillationParameters(**ANGLES, potential=potential(hermitian(generator(3)), "up"))
    spline = survival_interpolator("b8", own)
    np.testing.assert_allclose(spline(ENERGY), survival_msw(ENERGY, "b8", own), atol=1e-8)


def test_a_treatment_without_matter_effects_is_refused():
    with pytest.raises(InputError, match='survival = "msw"'):
        sun(Neutrinos(), potential=potential(np.zeros((3, 3))))
