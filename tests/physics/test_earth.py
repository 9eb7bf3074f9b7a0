"""Regeneration in the Earth: against the equation of evolution, its limits, and known sizes."""

import itertools

import numpy as np
import pytest
from monte_carlo import generator
from scipy.integrate import solve_ivp

from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.physics import constants as const
from bayesnu.physics.moments import mixing_matrix
from bayesnu.physics.sources.sun.earth import (
    EV_CM,
    Shells,
    directions,
    in_mass_basis,
    second_state,
    shells,
)
from bayesnu.physics.sources.sun.oscillation import OscillationParameters
from bayesnu.physics.sources.sun.sun import sun
from bayesnu.physics.treatment import Earth, Neutrinos

MIXING = OscillationParameters(0.31, 0.022, 0.57, 7.5e-5, delta_cp=4.0)
BY_DAY = Neutrinos(components=("b8",), survival="msw")
GRAN_SASSO = BY_DAY.model_copy(update={"earth": Earth(latitude=42.4)})
THRESHOLD = np.array([0.0, 6.0, 9.0])


def electron(treatment, threshold=THRESHOLD, basis="flavour", **changes):
    of = sun(treatment, **changes)
    found = of.moments("b8", threshold, basis)
    return found["e"][0] / sum(found[f][0] for f in ("e", "mu", "tau"))


def test_shells_weigh_what_the_earth_weighs():
    """Mass 5.972e24 kg; moment of inertia 0.3308 M R^2 (Williams, AJ 108 (1994) 711)."""
    table = read_table("earth/prem.csv")
    radius = table.column("outer_radius_km")
    density = shells().electrons / table.column("electrons_per_nucleon")
    inner = np.concatenate([[0.0], radius[:-1]])
    mass = (4 / 3 * np.pi * density * (radius**3 - inner**3)).sum() * 1e12
    assert mass == pytest.approx(5.972e24, rel=1e-3)
    inertia = (
        sum(
            8
            / 3
            * np.pi
            * table.column(f"c{k}")
            * (radius ** (5 + k) - inner ** (5 + k))
            / radius[-1] ** k
            / (5 + k)
            for k in range(4)
        ).sum()
        * 1e12
    )
    assert inertia / (mass * radius[-1] ** 2) == pytest.approx(0.3308, rel=1e-3)
    assert density[0] == pytest.approx(12.9, abs=0.1)
    assert density[2] == pytest.approx(4.9, abs=0.1)


@pytest.mark.parametrize("energy, cosine", [(10.0, 0.3), (6.0, 0.9), (14.0, 1.0), (1.0, 0.86)])
def test_three_flavours_evolve_as_two_levels_in_closed_form(energy, cosine):
    """i d psi / dx = (U m^2 U^dagger / 2E + V) psi of two levels, step by step through each shell.

    Then P(nu_2 -> nu_e) = c13^2 of that of two levels.
    """
    earth, p = shells(), MIXING
    s12 = p.sin2_theta12
    rotation = np.array([[(1 - s12) ** 0.5, s12**0.5], [-(s12**0.5), (1 - s12) ** 0.5]])
    vacuum = rotation @ np.diag([0.0, p.dm2_21_eV2 / (2e6 * energy)]) @ rotation.T
    half = earth.radius[-1] * cosine
    nearest2 = earth.radius[-1] ** 2 * (1.0 - cosine**2)
    ends = np.sqrt(np.maximum(earth.radius**2 - nearest2, 0.0))
    steps = np.unique(np.concatenate([-ends, ends, [-half, half]]))
    psi = rotation[:, 1].astype(complex)
    for start, stop in itertools.pairwise(steps):
        middle = np.hypot(0.5 * (start + stop), nearest2**0.5)
        n_e = earth.electrons[np.searchsorted(earth.radius, middle)]
        h = vacuum.astype(complex)
        matter = const.MATTER_POTENTIAL_EV2_PER_MEV * energy * n_e / (2e6 * energy)
        h[0, 0] += (1.0 - p.sin2_theta13) * matter
        h = h * 1e5 / EV_CM

        def slope(x, y, h=h):
            return -1j * (h @ y)

        psi = solve_ivp(slope, (start, stop), psi, method="DOP853", rtol=1e-10, atol=1e-12).y[:, -1]
    one, two = second_state(np.array([energy]), np.array([cosine]), p)
    assert abs(one[0, 0]) ** 2 == pytest.approx(abs(psi[0]) ** 2, abs=1e-6)
    assert abs(one[0, 0]) ** 2 + abs(two[0, 0]) ** 2 == pytest.approx(1.0, abs=1e-13)
    coherence = one[0, 0] * np.conj(two[0, 0]) - psi[0] * np.conj(psi[1])
    assert abs(coherence) < 1e-6


def test_shells_are_a_product_of_exponentials_at_200_points():
    """Each by its eigenstates, of random shells and mixing, in the basis of mass states."""
    rng = generator(1)
    for _ in range(200):
        s12, s13 = rng.uniform(0.05, 0.95), rng.uniform(0.0, 0.1)
        p = OscillationParameters(s12, s13, 0.5, rng.uniform(2e-5, 2e-4))
        earth = Shells(np.sort(rng.uniform(100.0, 6371.0, 3)), rng.uniform(0.0, 7.0, 3))
        energy, cosine = rng.uniform(0.1, 20.0), rng.uniform(0.01, 1.0)
        c, s = (1.0 - s12) ** 0.5, s12**0.5
        electron = np.array([c, s])  # <nu_e| without theta_13, of mass states
        nearest = earth.radius[-1] * np.sin(np.arccos(cosine))
        half = [max(r**2 - nearest**2, 0.0) ** 0.5 for r in (0.0, *earth.radius)]
        ways = list(zip(np.diff(half), earth.electrons, strict=True))
        psi = np.array([0.0, 1.0], dtype=complex)
        for way, n_e in (*ways[::-1], *ways):
            h = np.diag([0.0, p.dm2_21_eV2 / (2e6 * energy)])
            matter = const.MATTER_POTENTIAL_EV2_PER_MEV * n_e / 2e6
            h = h + (1.0 - s13) * matter * np.outer(electron, electron)
            values, states = np.linalg.eigh(h)
            turn = states @ np.diag(np.exp(-1j * values * way * 1e5 / EV_CM)) @ states.T
            psi = turn @ psi
        found = in_mass_basis(*second_state(np.array([energy]), np.array([cosine]), p, earth), p)
        coherence = psi[0] * np.conj(psi[1])
        expected = (abs(psi[0]) ** 2, coherence.real, coherence.imag)
        np.testing.assert_allclose([part.item() for part in found], expected, atol=1e-10)


def test_moments_are_the_integral_over_energies():
    energy = np.linspace(6.0, 17.0, 400_001)
    of = sun(GRAN_SASSO)
    for basis in ("flavour", "density"):
        moments = of.moments("b8", np.array([6.0]), basis)
        density = of.density("b8", energy, basis)
        for state in density:
            expected = np.trapezoid(density[state], energy)
            assert moments[state][0, 0] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_three_levels_have_what_two_do():
    """The whole Hamiltonian of three flavours in one shell, the third mass state far above."""
    p, energy, cosine = MIXING, 10.0, 0.2
    earth = Shells(np.array([6371.0]), np.array([2.2]))
    u = mixing_matrix(p)
    masses = np.array([0.0, p.dm2_21_eV2, 2.5e-3])
    matter = const.MATTER_POTENTIAL_EV2_PER_MEV * energy * 2.2
    h = (u * masses) @ u.conj().T + np.diag([matter, 0.0, 0.0])
    values, states = np.linalg.eigh(h / (2e6 * energy) * 1e5 / EV_CM)
    evolution = (states * np.exp(-1j * values * 2.0 * cosine * 6371.0)) @ states.conj().T
    exact = abs((evolution @ u[:, 1])[0]) ** 2
    one, _ = second_state(np.array([energy]), np.array([cosine]), p, earth)
    found = (1.0 - p.sin2_theta13) * abs(one[0, 0]) ** 2
    assert found == pytest.approx(exact, abs=5e-4)  # A / dm2_31 is 6e-4
    assert abs(exact - abs(u[0, 1]) ** 2) > 5e-3


def test_without_matter_nights_are_days():
    empty = Shells(shells().radius, np.zeros(len(shells().radius)))
    energy, cosine = np.array([0.3, 8.0]), np.linspace(0.1, 1.0, 7)
    found = in_mass_basis(*second_state(energy, cosine, MIXING, empty), MIXING)
    for part in found:  # a mass state stays one
        np.testing.assert_allclose(part, 0.0, atol=1e-12)


def test_no_regeneration_at_low_energy():
    found = [electron(t, np.zeros(1), sin2_theta12=0.31).item() for t in (BY_DAY, GRAN_SASSO)]
    assert found[1] > found[0]
    low = [
        sun(t.model_copy(update={"components": ("pp",)})).moments("pp", np.zeros(1), "flavour")
        for t in (BY_DAY, GRAN_SASSO)
    ]
    assert low[1]["e"][0, 0] == pytest.approx(low[0]["e"][0, 0], rel=1e-4)


def test_nights_are_brighter_by_the_published_size():
    """Of 8B neutrinos on electrons A_DN = 2 (D - N) / (D + N) = -3% (Super-Kamiokande)."""
    day, both = electron(BY_DAY), electron(GRAN_SASSO)
    night = 2.0 * both - day
    ratio = (night - day) / (0.5 * (night + day))
    assert ((ratio > 0.01) & (ratio < 0.08)).all()
    assert (np.diff(ratio) > 0.0).all()


def test_flavours_are_the_diagonal_and_all_neutrinos_arrive():
    matrix = sun(GRAN_SASSO).moments("b8", THRESHOLD, "density")
    flavours = sun(GRAN_SASSO).moments("b8", THRESHOLD, "flavour")
    total = sun(BY_DAY).moments("b8", THRESHOLD, "flavour")
    np.testing.assert_allclose(matrix["e"], flavours["e"], rtol=1e-12)
    for found in (matrix, flavours):
        own, expected = (sum(m[f] for f in ("e", "mu", "tau")) for m in (found, total))
        np.testing.assert_allclose(own, expected, rtol=1e-12)
    rho = {k: v[0, 0] for k, v in matrix.items()}
    names = ("e", "mu", "tau")
    whole = np.diag([rho[f] for f in names]).astype(complex)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        pair = names[a] + names[b]
        whole[a, b] = rho[f"Re {pair}"] + 1j * rho[f"Im {pair}"]
        whole[b, a] = np.conj(whole[a, b])
    assert np.linalg.eigvalsh(whole).min() > 0.0


def test_directions_are_those_of_a_year():
    for latitude, largest in ((0.0, 1.0), (42.4, np.cos(np.radians(42.4 - 23.44))), (90.0, 0.398)):
        cosine, share = directions(latitude)
        assert share.sum() == pytest.approx(1.0)
        assert cosine[share > 0].max() == pytest.approx(largest, abs=0.005)
    np.testing.assert_allclose(*(directions(x)[1] for x in (42.4, -42.4)), atol=1e-4)


@pytest.mark.parametrize(
    "treatment, changes, basis",
    [
        (GRAN_SASSO, {}, "mass"),
        (GRAN_SASSO, {"potential": object()}, "flavour"),
        (GRAN_SASSO.model_copy(update={"survival": "low-energy"}), {}, "flavour"),
    ],
)
def test_what_is_not_calculated_there_is_refused(treatment, changes, basis):
    with pytest.raises(InputError, match="earth"):
        sun(treatment, **changes).moments("b8", THRESHOLD, basis)
