"""Every cross section against traces over Dirac spinors, evaluated with explicit matrices.

Nothing here is shared with the package but the constants: amplitudes are in MeV, couplings in
the Lagrangian, and dsigma/dT = |M|^2 / (32 pi m E^2) averaged over target spins.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from monte_carlo import generator
from scipy.integrate import quad

from bayesnu.physics import constants as const
from bayesnu.physics.cross_sections import (
    charge_radius,
    coherent,
    elastic_electron,
    light_mediators,
    magnetic_moment,
    millicharge,
    sterile_dipole,
    tensor_mediator,
)
from bayesnu.physics.cross_sections.electroweak import tree_level_couplings
from bayesnu.physics.cross_sections.gauge_bosons import CHARGES
from bayesnu.physics.targets import nuclei

# Twelve digits of cancellation-free double arithmetic; asked for is 1e-10.
EXACT = 1e-10
POINTS = 250

G_F = const.FERMI_CONSTANT_PER_GEV2 * 1e-6  # MeV^-2
ELECTRON = const.ELECTRON_MASS_KEV * 1e-3
ELEMENTARY_CHARGE = np.sqrt(4 * np.pi * const.ALPHA)
MEV2_CM2 = (const.HBAR_C_KEV_CM * 1e-3) ** 2

ONE = np.eye(4, dtype=complex)
PAULI = (
    np.array([[0, 1], [1, 0]]),
    np.array([[0, -1j], [1j, 0]]),
    np.array([[1, 0], [0, -1]]),
)
GAMMA = [np.diag([1, 1, -1, -1]).astype(complex)]
GAMMA += [np.block([[np.zeros((2, 2)), s], [-s, np.zeros((2, 2))]]) for s in PAULI]
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
LEFT = (ONE - GAMMA5) / 2


def slash(vector):
    return np.einsum("nm,mk,kij->nij", vector, METRIC, np.array(GAMMA))


def bar(vertex):
    """Dirac conjugate of a vertex, batched or not."""
    return GAMMA[0] @ np.conj(np.swapaxes(vertex, -1, -2)) @ GAMMA[0]


@dataclass
class Points:
    """Random kinematics of nu(k) + target(p) -> nu'(k') + target(p')."""

    energy: np.ndarray  # MeV
    recoil: np.ndarray  # MeV
    mass: float  # MeV
    m4: float = 0.0  # MeV
    seed: int = 0

    def __post_init__(self):
        momentum = np.sqrt(self.recoil**2 + 2 * self.mass * self.recoil)
        cosine = (self.m4**2 / 2 + self.mass * self.recoil + self.energy * self.recoil) / (
            self.energy * momentum
        )
        assert (np.abs(cosine) <= 1).all()
        zero = np.zeros_like(self.energy)
        sine = np.sqrt(1 - cosine**2)
        self.k = np.stack([self.energy, zero, zero, self.energy], axis=1)
        self.p = np.stack([zero + self.mass, zero, zero, zero], axis=1)
        self.q = np.stack([self.recoil, momentum * sine, zero, momentum * cosine], axis=1)
        self.p_out = self.p + self.q
        self.k_out = self.k - self.q

    @property
    def propagator(self):
        """1 / Q^2 of the photon, from the components of q."""
        return -1 / np.einsum("nm,mk,nk->n", self.q, METRIC, self.q)

    def tensors(self, neutrino, target, *, antineutrino=False):
        """Spin sums L_ab, H_ab for lists of vertices, averaged over target spins.

        An antineutrino comes in as v-bar(k) and goes out as v(k').
        """
        heavy = slash(self.p_out) + self.mass * ONE
        light = slash(self.p) + self.mass * ONE
        out = slash(self.k_out) + self.m4 * ONE
        into = slash(self.k)

        def trace(left, vertices, right):
            return np.array(
                [
                    [np.trace(left @ a @ right @ bar(b), axis1=-2, axis2=-1) for b in vertices]
                    for a in vertices
                ]
            )

        ends = (into, out) if antineutrino else (out, into)
        return trace(ends[0], neutrino, ends[1]), trace(heavy, target, light) / 2

    def cross_section(self, squared):
        """dsigma/dT in cm^2/keV from |M|^2."""
        assert np.abs(np.imag(squared)).max() <= 1e-8 * np.abs(squared).max()
        per_mev = np.real(squared) / (32 * np.pi * self.mass * self.energy**2)
        return per_mev * MEV2_CM2 * 1e-3


def draw(mass_kev: float, m4: float = 0.0, seed: int = 1) -> Points:
    rng = generator(seed)
    recoil = 10 ** rng.uniform(-4, -0.8, POINTS)
    mass = mass_kev * 1e-3
    if mass > 1e3:
        recoil = recoil * 0.05
    momentum = np.sqrt(recoil**2 + 2 * mass * recoil)
    threshold = (momentum + recoil) / 2 * (1 + m4**2 / (2 * mass * recoil))
    # Up to ten thresholds, so that the traces do not cancel by more than two digits.
    return Points(threshold * (1 + rng.uniform(0.001, 9, POINTS)), recoil, mass, m4)


def contracted(points: Points, neutrino, target, **which):
    """Contract two lists of four-vector vertices: indices lowered with the metric."""
    light, heavy = points.tensors(neutrino, target, **which)
    signs = np.diag(METRIC)
    return np.einsum("abn,abn,a,b->n", light, heavy, signs, signs)


def weak(points: Points, g_v, g_a, **which):
    """|M|^2 of -G_F/sqrt2 [nu gamma (1 - gamma5) nu][e gamma (g_V - g_A gamma5) e]."""
    neutrino = [g @ (ONE - GAMMA5) for g in GAMMA]
    broadcast = (slice(None), None, None)
    g_v = (np.zeros(POINTS) + g_v)[broadcast]
    g_a = (np.zeros(POINTS) + g_a)[broadcast]
    target = [g_v * g - g_a * (g @ GAMMA5) for g in GAMMA]
    return G_F**2 / 2 * contracted(points, neutrino, target, **which)


def effective_vector(points: Points, product, mediator_mass=0.0):
    """g_V of the weak Lagrangian that one exchange of couplings product = g_nu g_target gives.

    L = -sum g psi gamma psi A exchanges -g_nu g_target / (M^2 - q^2), to compare with
    -sqrt2 G_F g_V for a left-handed neutrino.
    """
    exchange = -product / (mediator_mass**2 + 1 / points.propagator)
    return exchange / (-np.sqrt(2) * G_F)


def compare(found, expected):
    np.testing.assert_allclose(found, expected, rtol=EXACT, atol=0)


@pytest.fixture(scope="module")
def electron() -> Points:
    return draw(const.ELECTRON_MASS_KEV)


@pytest.fixture(scope="module")
def xenon() -> Points:
    return draw(nuclei.average("Xe").mass, seed=2)


def random_couplings(seed):
    rng = generator(seed)
    return rng.uniform(-1, 1, POINTS), rng.uniform(-1, 1, POINTS)


def test_elastic_electron_is_the_v_minus_a_trace(electron):
    g_v, g_a = random_couplings(3)
    found = elastic_electron.coefficients(electron.recoil * 1e3, g_v, g_a).at(electron.energy)
    compare(found, electron.cross_section(weak(electron, g_v, g_a)))


def test_antineutrinos_are_the_trace_with_the_spinors_exchanged(electron):
    """Charges and radii too: their operator is the weak one, -q for an antineutrino included."""
    g_v, g_a = random_couplings(7)
    recoil = electron.recoil * 1e3
    g_v = g_v + millicharge.vector_shift(recoil, 2e-13) + charge_radius.vector_shift(-4e-31)
    found = elastic_electron.coefficients(recoil, g_v, g_a).crossed(electron.recoil)
    expected = electron.cross_section(weak(electron, g_v, g_a, antineutrino=True))
    # Neutrino and antineutrino are the same where g_V or g_A vanishes, and c2 cancels there.
    np.testing.assert_allclose(found.at(electron.energy), expected, rtol=1e-8, atol=0)


def test_khan_and_giunti_ternes_write_the_same_cross_section(electron):
    g_v, g_a = random_couplings(4)
    left, right = (g_v + g_a) / 2, (g_v - g_a) / 2
    # khan-2022, Eq. 1; for electron neutrinos g_V and g_A here hold the charged current.
    recoil, energy = electron.recoil, electron.energy
    expected = (
        2
        * G_F**2
        * ELECTRON
        / np.pi
        * (
            left**2
            + right**2 * (1 - recoil / energy) ** 2
            - left * right * ELECTRON * recoil / energy**2
        )
    )
    found = elastic_electron.coefficients(recoil * 1e3, g_v, g_a).at(energy)
    compare(found, expected * MEV2_CM2 * 1e-3)


def dipole(points: Points, mu):
    """|M|^2 of d/2 N sigma F nu with d = mu e / (2 m_e), on a target of unit charge."""
    sigma = [[0.5j * (a @ b - b @ a) for b in GAMMA] for a in GAMMA]
    lowered = points.q @ METRIC
    neutrino = [
        sum(lowered[:, n, None, None] * (sigma[m][n] @ LEFT) for n in range(4)) for m in range(4)
    ]
    strength = mu * ELEMENTARY_CHARGE / (2 * ELECTRON) * ELEMENTARY_CHARGE * points.propagator
    return strength**2 * contracted(points, neutrino, GAMMA)


def test_magnetic_moment_is_the_dipole_trace(electron, xenon):
    mu = 3e-11
    found = magnetic_moment.electron_coefficients(electron.recoil * 1e3, mu).at(electron.energy)
    compare(found, electron.cross_section(dipole(electron, mu)))
    nucleus = magnetic_moment.nuclear_coefficients(xenon.recoil * 1e3, mu, 54, 0.9)
    compare(nucleus.at(xenon.energy), 0.9 * 54**2 * xenon.cross_section(dipole(xenon, mu)))


@pytest.mark.parametrize("m4", [0.003, 0.05, 0.4])
@pytest.mark.parametrize("target", ["electron", "xenon"])
def test_sterile_dipole_is_the_dipole_trace_with_a_heavy_lepton(m4, target):
    mass = const.ELECTRON_MASS_KEV if target == "electron" else nuclei.average("Xe").mass
    points = draw(mass, m4=m4 * (1 if target == "electron" else 20), seed=5)
    found = sterile_dipole.coefficients(points.recoil * 1e3, 2e-9, points.m4, mass)
    expected = points.cross_section(dipole(points, 2e-9))
    # At small recoils powers of m4^2/(m T) cancel against each other in both expressions.
    np.testing.assert_allclose(found.at(points.energy), expected, rtol=1e-8, atol=0)


@pytest.mark.parametrize("m4", [0.003, 0.05, 0.4, 3.0])
def test_sterile_threshold_is_where_the_scattering_angle_ceases_to_exist(m4):
    mass = const.ELECTRON_MASS_KEV
    recoil = np.geomspace(0.1, 500, POINTS) * 1e-3
    threshold = sterile_dipole.minimum_energy(recoil * 1e3, m4, mass)
    just_above = Points(threshold * (1 + 1e-9), recoil, mass * 1e-3, m4)
    # Angle and outgoing energy exist, the outgoing lepton is on its mass shell ...
    shell = np.einsum("nm,mk,nk->n", just_above.k_out, METRIC, just_above.k_out)
    # (components of the order of E cancel to m4^2)
    np.testing.assert_allclose(shell, m4**2, rtol=0, atol=1e-12 * threshold.max() ** 2)
    found = sterile_dipole.coefficients(recoil * 1e3, 1e-9, m4, mass)
    assert (found.at(just_above.energy) > 0).all()
    # ... and just below there is no angle.
    with pytest.raises(AssertionError):
        Points(threshold * (1 - 1e-9), recoil, mass * 1e-3, m4)


def test_sterile_dipole_tends_to_the_magnetic_moment(electron):
    recoil = electron.recoil * 1e3
    massless = magnetic_moment.electron_coefficients(recoil, 1e-11).at(electron.energy)
    for m4, tolerance in ((0.0, 1e-13), (1e-6, 1e-6)):  # m4^2/(m T) is 2e-8 at most
        found = sterile_dipole.coefficients(recoil, 1e-11, m4, const.ELECTRON_MASS_KEV)
        np.testing.assert_allclose(found.at(electron.energy), massless, rtol=tolerance)


def test_a_charge_interferes_as_photon_exchange_does(electron):
    g_v, g_a = random_couplings(6)
    q = 3e-13
    # The electron has charge -1.
    shift = effective_vector(electron, -q * ELEMENTARY_CHARGE**2)
    compare(millicharge.vector_shift(electron.recoil * 1e3, q), shift)
    total = g_v + millicharge.vector_shift(electron.recoil * 1e3, q)
    found = elastic_electron.coefficients(electron.recoil * 1e3, total, g_a)
    expected = electron.cross_section(weak(electron, g_v + shift, g_a))
    # The interference may cancel all but a thousandth of the sum.
    np.testing.assert_allclose(found.at(electron.energy), expected, rtol=1e-9, atol=0)


def test_a_charge_radius_is_a_charge_that_grows_with_momentum_transfer(electron):
    radius = -7e-32
    # f_Q(q^2) = q^2 <r^2> / 6 and q^2 = -Q^2
    charge = -radius / MEV2_CM2 / 6 / electron.propagator
    shift = effective_vector(electron, -charge * ELEMENTARY_CHARGE**2)
    compare(np.zeros(POINTS) + charge_radius.vector_shift(radius), shift)


@pytest.mark.parametrize("sign", [1, -1])
def test_transition_charges_and_radii_do_not_interfere(electron, sign):
    """giunti-ternes-2023, Eqs. 9 and 16, as printed."""
    recoil, energy = electron.recoil, electron.energy
    shape = 1 + (1 - recoil / energy) ** 2 - ELECTRON * recoil / energy**2
    scale = np.pi * const.ALPHA**2 * shape * MEV2_CM2 * 1e-3
    q, radius = sign * 4e-13, sign * 5e-32
    compare(
        millicharge.transition_coefficients(recoil * 1e3, q).at(energy),
        scale / (ELECTRON * recoil**2) * q**2,
    )
    compare(
        charge_radius.transition_coefficients(recoil * 1e3, radius).at(energy),
        scale * ELECTRON / 9 * (radius / MEV2_CM2) ** 2,
    )


@pytest.mark.parametrize("mediator", [0.001, 0.1, 30.0])
def test_vector_mediators_shift_couplings(electron, mediator):
    g = 1e-6
    shift = effective_vector(electron, g**2, mediator)
    compare(light_mediators.vector_shift(electron.recoil * 1e3, g, mediator * 1e3), shift)
    # nu_L gamma gamma5 nu_L = -nu_L gamma nu_L, and g_A enters with a minus: the same sign.
    compare(light_mediators.axial_shift(electron.recoil * 1e3, g, mediator * 1e3), shift)


def spin_zero_exchange(points: Points, g, mediator, target: Callable | np.ndarray):
    light, heavy = points.tensors([LEFT], [target])
    return (g**2 / (mediator**2 + 1 / points.propagator)) ** 2 * light[0, 0] * heavy[0, 0]


@pytest.mark.parametrize("mediator", [0.001, 0.1, 30.0])
def test_scalar_and_pseudoscalar_mediators_are_their_traces(electron, mediator):
    g = 2e-6
    recoil, energy = electron.recoil * 1e3, electron.energy
    expected = electron.cross_section(spin_zero_exchange(electron, g, mediator, ONE))
    full = light_mediators.scalar_coefficients(recoil, g, mediator * 1e3, recoil_correction=True)
    compare(full.at(energy), expected)
    printed = light_mediators.scalar_coefficients(recoil, g, mediator * 1e3)
    compare(printed.at(energy) * (1 + electron.recoil / (2 * ELECTRON)), expected)
    expected = electron.cross_section(spin_zero_exchange(electron, g, mediator, GAMMA5))
    found = light_mediators.pseudoscalar_coefficients(recoil, g, mediator * 1e3)
    compare(found.at(energy), expected)


SIGMA = [0.5j * (a @ b - b @ a) for a in GAMMA for b in GAMMA]
SIGNS = np.outer(np.diag(METRIC), np.diag(METRIC)).ravel()


@pytest.mark.parametrize("mediator", [0.001, 0.1, 30.0])
@pytest.mark.parametrize("antineutrino", [False, True])
@pytest.mark.parametrize("target", ["electron", "xenon"])
def test_tensor_mediators_are_their_traces(mediator, antineutrino, target, request):
    points, g, charge = request.getfixturevalue(target), 2e-6, 3.0
    light, heavy = points.tensors([s @ LEFT for s in SIGMA], SIGMA, antineutrino=antineutrino)
    squared = np.einsum("abn,abn,a,b->n", light, heavy, SIGNS, SIGNS)
    exchange = g**2 * charge / (mediator**2 + 1 / points.propagator)
    found = tensor_mediator.coefficients(
        points.recoil * 1e3, g, mediator * 1e3, points.mass * 1e3, charge
    )
    compare(found.at(points.energy), points.cross_section(exchange**2 * squared))
    # Nothing changes under crossing, and nothing interferes with what keeps helicity.
    np.testing.assert_allclose(
        found.crossed(points.recoil).at(points.energy), found.at(points.energy), rtol=1e-9
    )
    weak_current = [g @ LEFT for g in GAMMA]
    mixed = points.tensors([*weak_current, *(s @ LEFT for s in SIGMA)], [ONE])[0][:4, 4:]
    assert np.abs(mixed).max() < 1e-10 * np.abs(light).max()


# Charges of (neutrino, charged lepton) of three flavours, and of a nucleon.
GAUGED = {
    "b-l": ((-1, -1, -1), 1),
    "b-3l_e": ((-3, 0, 0), 1),
    "b-3l_mu": ((0, -3, 0), 1),
    "b-3l_tau": ((0, 0, -3), 1),
    "le-lmu": ((1, -1, 0), 0),
    "le-ltau": ((1, 0, -1), 0),
    "lmu-ltau": ((0, 1, -1), 0),
}


def vacuum_polarisation(transfer_squared, lepton_charges):
    """The charge of a proton by mixing: a dispersion integral over pairs of leptons of velocity v.

    Im Pi(s) / pi = alpha / (3 pi) f(v), f = v (3 - v^2) / 2, s = 4 m^2 / (1 - v^2); unit charges.
    Without momentum transfer two leptons differ by int ds/s (f_1 - f_2) = ln(m_2^2 / m_1^2), as f
    goes to one; with it each loses Q^2 int ds f / (s (s + Q^2)). The leptons' electric charge is -1
    and they screen: a positive charge gets one of the sign of their own.
    """
    total = 0.0
    for mass, charge in zip(MASSES, lepton_charges, strict=True):
        lost = (
            transfer_squared
            * quad(
                lambda v, m=mass: v**2 * (3 - v**2) / (4 * m**2 + transfer_squared * (1 - v**2)),
                0,
                1,
                epsabs=0,
                epsrel=1e-13,
                limit=500,
            )[0]
        )
        total -= charge * (np.log(mass**2) + lost)
    return const.ALPHA / (3 * np.pi) * total


MASSES = (const.ELECTRON_MASS_KEV * 1e-3, const.MUON_MASS_KEV * 1e-3, const.TAU_MASS_KEV * 1e-3)


@pytest.mark.parametrize("charges", ["le-lmu", "le-ltau", "lmu-ltau"])
def test_kinetic_mixing_is_the_dispersion_integral_over_pairs_of_leptons(charges):
    transfer = 10 ** generator(9).uniform(-3, 2, 200)  # MeV
    found = CHARGES[charges].electric((transfer * 1e3) ** 2)
    expected = [vacuum_polarisation(q**2, GAUGED[charges][0]) for q in transfer]
    compare(found, expected)
    if charges == "lmu-ltau":
        # g / 70 of unit charge, as is often said: e^2 / (12 pi^2) ln(m_tau^2 / m_mu^2).
        still = const.ALPHA / (3 * np.pi) * np.log(MASSES[2] ** 2 / MASSES[1] ** 2)
        assert found[np.argmin(transfer)] == pytest.approx(still, rel=1e-8)


def test_gauge_bosons_whose_baryons_are_charged_mix_by_no_finite_loop():
    for name, (_, baryon) in GAUGED.items():
        assert bool(np.any(CHARGES[name].electric(np.ones(3)))) == (baryon == 0)


@pytest.mark.parametrize("charges", GAUGED)
@pytest.mark.parametrize("mediator", [0.001, 30.0])
def test_gauge_bosons_interfere_as_their_charges_say(charges, mediator, electron, xenon):
    g, (leptons, baryon) = 3e-6, GAUGED[charges]
    boson = CHARGES[charges]
    for points, unit, tree in ((electron, -1, leptons[0]), (xenon, 54, 131 * baryon)):
        transfer = 1 / points.propagator * 1e6  # keV^2
        loop = boson.electric(transfer)
        own = (
            boson.of_electron(transfer)
            if points is electron
            else boson.of_nucleus(transfer, 54, 77)
        )
        compare(own, tree + unit * loop)
        for flavour, neutrino in zip(("e", "mu", "tau"), leptons, strict=True):
            assert getattr(boson.lepton, flavour) == neutrino
            found = (
                neutrino
                * own
                * light_mediators.exchange(
                    points.recoil * 1e3, g, mediator * 1e3, points.mass * 1e3
                )
            )
            expected = effective_vector(points, g**2 * neutrino * own, mediator)
            np.testing.assert_allclose(found, expected, rtol=EXACT)


def test_vector_couplings_are_isospin_minus_twice_the_charge_times_the_mixing_angle(
    electron, xenon
):
    """g_V = T_3 - 2 Q s^2 of electrons and quarks, at random angles; g_A = T_3, plus W exchange."""
    angle = generator(8).uniform(0, 1, POINTS)

    def neutral(isospin, charge):
        return isospin - 2 * charge * angle

    couplings = tree_level_couplings(0.2).at(angle)
    for flavour in ("e", "mu", "tau"):
        current = 1.0 if flavour == "e" else 0.0
        g_v, g_a = getattr(couplings.g_v, flavour), getattr(couplings.g_a, flavour)
        expected = weak(electron, neutral(-0.5, -1) + current, -0.5 + current)
        found = elastic_electron.coefficients(electron.recoil * 1e3, g_v, g_a)
        np.testing.assert_allclose(
            found.at(electron.energy), electron.cross_section(expected), rtol=1e-9
        )
    up, down = neutral(0.5, 2 / 3), neutral(-0.5, -1 / 3)
    charge = 54 * (2 * up + down) + 77 * (up + 2 * down)
    strength = np.sqrt(2) * G_F * charge
    found = coherent.coefficients(
        xenon.recoil * 1e3, coherent.weak_charge(54, 77, angle), xenon.mass * 1e3
    )
    # Near the angle at which the charge vanishes nothing is left of it.
    far = np.abs(charge) > 0.1
    compare(found.at(xenon.energy)[far], xenon.cross_section(spinless(xenon, strength))[far])


def spinless(points: Points, strength):
    """|M|^2 of a left-handed neutrino current on a spinless target, (p + p') strength."""
    light, _ = points.tensors([g @ LEFT for g in GAMMA], [ONE])
    total = (points.p + points.p_out) @ METRIC
    return strength**2 * np.einsum("abn,na,nb->n", light, total, total)


def test_coherent_scattering_is_that_of_a_spinless_target(xenon):
    # L = -sqrt2 G_F [nu_L gamma nu_L] Q_V J
    charge = coherent.weak_charge(54, 77, 0.2386)
    assert charge == pytest.approx((0.5 - 2 * 0.2386) * 54 - 77 / 2, rel=1e-14)
    mass = xenon.mass * 1e3
    found = coherent.coefficients(xenon.recoil * 1e3, charge, mass, 0.8).at(xenon.energy)
    compare(found, 0.8 * xenon.cross_section(spinless(xenon, np.sqrt(2) * G_F * charge)))


def test_nuclear_shifts_come_from_the_same_vertices_with_opposite_charge(xenon):
    recoil, mass = xenon.recoil * 1e3, xenon.mass * 1e3
    q, radius = -2e-9, 9e-32
    compare(
        millicharge.proton_coupling_shift(recoil, q, mass),
        effective_vector(xenon, q * ELEMENTARY_CHARGE**2),
    )
    charge = -radius / MEV2_CM2 / 6 / xenon.propagator
    compare(
        np.zeros(POINTS) + charge_radius.proton_coupling_shift(radius),
        effective_vector(xenon, charge * ELEMENTARY_CHARGE**2),
    )
    compare(
        light_mediators.weak_charge_shift(recoil, 1e-5, 40.0, 131, mass),
        effective_vector(xenon, 3 * 131 * 1e-10, 0.04),
    )


def test_transition_charges_on_nuclei_are_coherent_with_the_proton_charge_alone(xenon):
    recoil, mass, q = xenon.recoil * 1e3, xenon.mass * 1e3, 1e-9
    shift = millicharge.proton_coupling_shift(recoil, q, mass)
    found = coherent.coefficients(recoil, 54 * shift, mass).at(xenon.energy)
    strength = 54 * q * ELEMENTARY_CHARGE**2 * xenon.propagator
    compare(found, xenon.cross_section(spinless(xenon, strength)))


def test_nuclear_scalar_exchange_is_that_of_a_spinless_target(xenon):
    recoil, mass, g, mediator = xenon.recoil * 1e3, xenon.mass * 1e3, 1e-6, 0.02
    charge = light_mediators.scalar_charge(54, 77)
    light, _ = xenon.tensors([LEFT], [ONE])
    amplitude = g**2 * charge * 2 * xenon.mass / (mediator**2 + 1 / xenon.propagator)
    found = light_mediators.nuclear_scalar_coefficients(recoil, g, 20.0, charge, mass, 0.7)
    expected = 0.7 * xenon.cross_section(amplitude**2 * light[0, 0])
    compare(found.at(xenon.energy), expected)
