"""Counts of non-standard interactions: of the sun's mixture, of beams, with sizes and phases."""

import numpy as np
import pytest

from bayesnu import likelihood_of, load
from bayesnu.errors import InputError
from bayesnu.model.rate import recoil_rate
from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections.kinematics import minimum_energy
from bayesnu.physics.moments import mixing_matrix
from bayesnu.physics.signals import StandardModel, signal_by_tag
from bayesnu.physics.source import COHERENCES
from bayesnu.physics.sources.sun.mass_states import first_state_msw
from bayesnu.physics.sources.sun.spectra import spectrum
from bayesnu.physics.sources.sun.sun import sun
from bayesnu.physics.targets.target import electrons
from bayesnu.physics.treatment import Neutrinos, Oscillation

SUN, NUCLEI, BEAM, REACTOR = (
    "xenonnt-2022-er",
    "xenonnt-2024-8b",
    "coherent-csi-2021",
    "conus-plus-2025",
)


def counts(name, tag, values):
    signal = StandardModel() if tag is None else signal_by_tag(tag)
    return sum(recoil_rate(load(name)).counts(signal, values).values())


@pytest.mark.parametrize(
    "name, tag",
    [(SUN, "nsi-electron"), (NUCLEI, "nsi-quark"), (BEAM, "nsi-quark"), (REACTOR, "nsi-quark")],
)
def test_without_them_there_is_the_standard_model(name, tag):
    np.testing.assert_allclose(counts(name, tag, {}), counts(name, None, {}), rtol=1e-12)


def test_a_vector_interaction_of_nu_e_is_a_charge_radius():
    """Both shift g_V of one flavour, here of the one whose share both descriptions have alike."""
    shift = 0.1
    radius = shift / (const.RADIUS_TO_VECTOR_PER_CM2 * 1e-32)
    found = counts(SUN, "nsi-electron", {"eps_V_ee": shift})
    expected = counts(SUN, "charge-radius", {"r2_ee": radius})
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_counts_are_the_two_dimensional_quadrature_of_the_trace():
    """Over recoils and energies, of 3x3 matrices; rho(E) with matter effects."""
    treatment = Neutrinos(
        components=("n13",), survival="msw", oscillation=Oscillation(sin2_theta23=0.57)
    )
    source, signal = sun(treatment), signal_by_tag("nsi-electron")
    eps = {"eps_L_ee": 0.3, "eps_R_emu": -0.4, "im_L_etau": 0.5, "eps_L_mutau": 0.2}
    p, table = source.parameters, spectrum("n13")
    mixing, c13 = mixing_matrix(p), 1.0 - p.sin2_theta13
    left = np.diag([1.0, 0.0, 0.0]) + (treatment.sin2_theta_w - 0.5) * np.eye(3)
    left = left + np.array([[0.3, 0, 0.5j], [0, 0, 0.2], [-0.5j, 0.2, 0]])
    right = treatment.sin2_theta_w * np.eye(3) + np.array([[0, -0.4, 0], [-0.4, 0, 0], [0, 0, 0]])
    products = np.array([left @ left, right @ right, (left @ right + right @ left) / 2])
    m = const.ELECTRON_MASS_KEV * 1e-3
    unit = 4 * const.WEAK_ELECTRON_CM2_PER_KEV

    nodes, weights = np.polynomial.legendre.leggauss(6)

    def rate(recoil):
        lowest = float(minimum_energy(recoil, const.ELECTRON_MASS_KEV))
        knots = np.array([lowest, *table.energy[table.energy > lowest]])
        half = 0.5 * np.diff(knots)[:, None]
        energy = (knots[:-1, None] + half * (1.0 + nodes)).ravel()
        first = first_state_msw(energy, "n13", p)
        shares = np.stack([c13 * first, c13 * (1.0 - first), 0.0 * first + 1.0 - c13])
        rho = np.einsum("ai,in,bi->nab", mixing, shares, mixing.conj())
        one, two, three = np.einsum("nab,kba->kn", rho, products).real
        t = recoil * 1e-3
        kinematics = one + two * (1 - t / energy) ** 2 - three * m * t / energy**2
        density = np.interp(energy, table.energy, table.density)
        return float((half * weights).ravel() @ (unit * kinematics * density))

    recoil = 60.0 + 20.0 * (1 + nodes)
    expected = 20.0 * weights @ np.array([rate(t) for t in recoil])
    atom = electrons(recoil, Neutrinos(atomic="free"))
    threshold = minimum_energy(recoil, const.ELECTRON_MASS_KEV)
    found = np.zeros(len(recoil))
    physical = signal.physical(eps)
    for name, moments in source.moments("n13", threshold, "density").items():
        element = COHERENCES.get(name, ("Re", name, name))
        for process in signal.electrons_of_element(atom, element, physical):
            found += process.coefficients.fold(moments)
    for flavour, moments in source.moments("n13", threshold, "flavour").items():
        for process in signal.on_electrons(atom, flavour, physical):
            found += process.coefficients.fold(moments)
    assert 20.0 * weights @ found / 54 == pytest.approx(expected, rel=1e-6)


def test_beams_are_the_flavours_that_are_made():
    """Nothing of nu_tau, no sign of an element off the diagonal, and no phase."""
    none = counts(BEAM, "nsi-quark", {})
    np.testing.assert_array_equal(counts(BEAM, "nsi-quark", {"eps_u_tautau": 0.3}), none)
    plus, minus = (counts(BEAM, "nsi-quark", {"eps_d_emu": s}) for s in (0.1, -0.1))
    np.testing.assert_allclose(plus, minus, rtol=1e-12)
    assert plus.sum() > none.sum()
    with pytest.raises(InputError, match="no effect on the counts of coherent-csi-2021"):
        likelihood_of([BEAM], "nsi-quark", ["eps_u_tautau"])


def test_reactors_see_elements_of_nu_e_alone():
    with pytest.raises(InputError, match="no effect on the counts of conus-plus-2025"):
        likelihood_of([REACTOR], "nsi-quark", ["eps_d_mutau"])


def test_the_sun_sees_phases_that_a_beam_does_not():
    turned = [
        counts(SUN, "nsi-electron", {"size_L_emu": 0.5, "phi_L_emu": phase})
        for phase in (0.0, np.pi / 2, np.pi)
    ]
    assert len({round(float(total.sum()), 3) for total in turned}) == 3
    beam = [
        counts(BEAM, "nsi-quark", {"size_u_emu": 0.1, "phi_u_emu": phase}) for phase in (0.0, 1.0)
    ]
    np.testing.assert_allclose(*beam, rtol=1e-12)


def test_sizes_and_phases_are_an_exact_polynomial_of_their_cosines_and_sines():
    free = ["size_L_emu", "phi_L_emu", "eps_R_ee"]
    likelihood = likelihood_of([SUN], "nsi-electron", free, fixed={"eps_L_mutau": 0.2})
    x = likelihood.start.copy()
    x[:3] = 0.0, 0.0, 0.0
    base = likelihood.expected(x)
    fixed = {"eps_L_mutau": 0.2}
    without = counts(SUN, "nsi-electron", fixed)
    for point in ((0.7, 1.2, 0.3), (2.0, -2.5, -0.6)):
        x[:3] = point
        values = fixed | dict(zip(free, point, strict=True))
        expected = counts(SUN, "nsi-electron", values) - without
        np.testing.assert_allclose(likelihood.expected(x) - base, expected, rtol=1e-9)


def test_a_phase_of_a_size_that_is_held_is_free_as_well():
    likelihood = likelihood_of([SUN], "nsi-electron", ["phi_L_emu"], fixed={"size_L_emu": 0.5})
    x = likelihood.start.copy()
    rises = []
    for phase in (0.4, -2.0):
        x[0] = phase
        rises.append(likelihood.expected(x))
    expected = [
        counts(SUN, "nsi-electron", {"size_L_emu": 0.5, "phi_L_emu": phase})
        for phase in (0.4, -2.0)
    ]
    np.testing.assert_allclose(rises[0] - rises[1], expected[0] - expected[1], rtol=1e-9)
    with pytest.raises(InputError, match="no effect"):
        likelihood_of([SUN], "nsi-electron", ["phi_L_emu"])


def test_a_size_is_not_added_to_its_own_parts():
    with pytest.raises(InputError, match="one of them"):
        likelihood_of([SUN], "nsi-electron", ["size_L_emu", "im_L_emu"])
