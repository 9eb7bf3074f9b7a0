"""Effective moments: both bases, and the special cases that the paper prints."""

import numpy as np
import pytest
from monte_carlo import generator

from bayesnu.errors import InputError
from bayesnu.physics.moments import (
    Beam,
    HelicityState,
    accelerator,
    accelerator_incoherent,
    blind_spot,
    dirac,
    effective_moment,
    effective_moment_squared,
    from_dipoles,
    majorana,
    mixing_matrix,
    muon_neutrino,
    quadratic_form,
    reactor,
    solar,
)
from bayesnu.physics.sources.sun.oscillation import OscillationParameters

ROUNDING = 1e-12
"""Sums of a few dozen products in double precision."""


def random_complex(rng, *shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_mixing(rng):
    s12, s13, s23 = rng.uniform(size=3)
    return mixing_matrix(OscillationParameters(s12, s13, s23, delta_cp=rng.uniform(0, 2 * np.pi)))


def random_beam(rng, basis):
    states = tuple(
        HelicityState(
            tuple(random_complex(rng, 3)), tuple(random_complex(rng, 3)), rng.uniform(0.1, 1)
        )
        for _ in range(rng.integers(1, 4))
    )
    return Beam("random", "a random beam", states, basis)


def random_matrix(rng, nature, basis):
    if nature == "majorana":
        return majorana(*random_complex(rng, 3), basis=basis)
    return dirac(random_complex(rng, 3, 3), basis=basis)


@pytest.mark.parametrize("nature", ["majorana", "dirac"])
@pytest.mark.parametrize("seed", range(50))
def test_flavour_and_mass_basis_agree(nature, seed):
    rng = generator(seed)
    mixing = random_mixing(rng)
    for matrix_basis in ("mass", "flavour"):
        for beam_basis in ("mass", "flavour"):
            matrix = random_matrix(rng, nature, matrix_basis)
            beam = random_beam(rng, beam_basis)
            mass = effective_moment_squared(matrix, beam, mixing, "mass")
            flavour = effective_moment_squared(matrix, beam, mixing, "flavour")
            assert mass == pytest.approx(flavour, rel=ROUNDING)


@pytest.mark.parametrize("seed", range(20))
def test_equation_4_and_6_as_printed_for_majorana_neutrinos(seed):
    rng = generator(seed)
    mixing = random_mixing(rng)
    matrix, beam = random_matrix(rng, "majorana", "mass"), random_beam(rng, "flavour")
    printed = 0.0
    flavour = matrix.in_basis("flavour", mixing).values
    # The transformation of Eq. 5, written out.
    np.testing.assert_allclose(mixing.T @ flavour @ mixing, matrix.values, atol=1e-12)
    for state in beam.states:
        minus, plus = np.array(state.minus), np.array(state.plus)
        term = minus.conj() @ flavour.conj().T @ flavour @ minus
        term += plus.conj() @ flavour @ flavour.conj().T @ plus
        printed += state.weight * term.real
    found = effective_moment_squared(matrix, beam, mixing, "mass")
    assert found == pytest.approx(printed, rel=ROUNDING)


def test_equation_11_reactor():
    rng = generator(1)
    e, mu, tau = random_complex(rng, 3)
    found = effective_moment(majorana(e, mu, tau, "flavour"), reactor(), random_mixing(rng))
    assert found**2 == pytest.approx(abs(mu) ** 2 + abs(tau) ** 2, rel=1e-10)


def test_equation_12_accelerator():
    rng = generator(2)
    e, mu, tau = random_complex(rng, 3)
    matrix, mixing = majorana(e, mu, tau, "flavour"), random_mixing(rng)
    total = sum(abs(x) ** 2 for x in (e, mu, tau))
    lambdas = matrix.in_basis("mass", mixing).lambdas
    assert total == pytest.approx((np.abs(lambdas) ** 2).sum(), rel=1e-10)
    without = total + abs(e) ** 2 + 2 * abs(tau) ** 2
    interference = 2 * abs(e) * abs(mu) * np.cos(np.angle(e) - np.angle(mu))
    coherent = effective_moment_squared(matrix, accelerator(), mixing)
    assert coherent == pytest.approx(without - interference, rel=1e-10)
    incoherent = effective_moment_squared(matrix, accelerator_incoherent(), mixing)
    assert incoherent == pytest.approx(without, rel=1e-10)


def test_equation_13_muon_neutrino():
    rng = generator(3)
    e, mu, tau = random_complex(rng, 3)
    matrix = majorana(e, mu, tau, "flavour")
    found = effective_moment_squared(matrix, muon_neutrino(), random_mixing(rng))
    assert found == pytest.approx(abs(e) ** 2 + abs(tau) ** 2, rel=1e-10)


def test_equation_14_solar():
    rng = generator(4)
    l1, l2, l3 = np.abs(random_complex(rng, 3))
    parameters, p_e1 = OscillationParameters(), 0.61
    c13 = 1 - parameters.sin2_theta13
    printed = l1**2 + l2**2 + l3**2 - c13 * l2**2 + (c13 - 1) * l3**2
    printed += c13 * p_e1 * (l2**2 - l1**2)
    beam = solar(parameters, p_e1)
    assert effective_moment(majorana(l1, l2, l3), beam) ** 2 == pytest.approx(printed, rel=1e-10)
    phases = np.exp(1j * rng.uniform(0, 2 * np.pi, size=3))
    turned = majorana(*(phases * (l1, l2, l3)))
    assert effective_moment_squared(turned, beam) == pytest.approx(printed, rel=1e-10)


def test_diagonal_dirac_moment_of_solar_neutrinos():
    # Only the share of the first mass state carries mu_11.
    parameters = OscillationParameters()
    matrix = dirac(np.diag([2.0, 0.0, 0.0]))
    share = (1 - parameters.sin2_theta13) * (1 - parameters.sin2_theta12)
    assert effective_moment_squared(matrix, solar(parameters)) == pytest.approx(4 * share)


@pytest.mark.parametrize("make", [reactor, accelerator, accelerator_incoherent, muon_neutrino])
def test_quadratic_form_is_the_effective_moment(make):
    rng = generator(5)
    mixing = random_mixing(rng)
    lambdas = random_complex(rng, 3)
    form = quadratic_form(make(), mixing)
    np.testing.assert_allclose(form, form.conj().T, atol=1e-14)
    expected = effective_moment_squared(majorana(*lambdas), make(), mixing)
    assert (lambdas.conj() @ form @ lambdas).real == pytest.approx(expected, rel=ROUNDING)


def test_arrays_of_matrices_are_evaluated_one_by_one():
    rng = generator(6)
    lambdas = random_complex(rng, 4, 3)
    deltas = rng.uniform(0, 2 * np.pi, size=4)
    mixing = mixing_matrix(OscillationParameters(delta_cp=deltas))
    together = effective_moment(majorana(*lambdas.T), reactor(), mixing)
    apart = [
        effective_moment(majorana(*row), reactor(), matrix)
        for row, matrix in zip(lambdas, mixing, strict=True)
    ]
    np.testing.assert_allclose(together, apart, rtol=ROUNDING)


def test_reactor_is_blind_at_phases_zero_and_pi():
    # ternes-tortola-2025, section III A: phi_1 = 0, phi_3 = pi; with delta_cp = 1.08 pi the
    # third is turned by the 0.08 pi that it differs from pi.
    direction, smallest = blind_spot(reactor())
    assert smallest == pytest.approx(0.0, abs=1e-14)
    assert np.angle(direction[0]) == pytest.approx(0.0, abs=1e-9)
    assert abs(np.angle(direction[2])) == pytest.approx(0.92 * np.pi, abs=1e-9)


def test_muon_neutrinos_are_blind_at_opposite_phases():
    direction, smallest = blind_spot(muon_neutrino())
    assert smallest == pytest.approx(0.0, abs=1e-14)
    # Exactly at pi and 0 only where sin(delta_cp) = 0.
    assert abs(np.angle(direction[0])) == pytest.approx(np.pi, abs=0.1)
    assert np.angle(direction[2]) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("make", [accelerator, accelerator_incoherent])
def test_the_full_accelerator_beam_has_no_blind_spot(make):
    # (3 - sqrt 5) / 2 with the interference of Eq. 12, 1 without it.
    expected = {accelerator: (3 - 5**0.5) / 2, accelerator_incoherent: 1.0}
    assert blind_spot(make())[1] == pytest.approx(expected[make], rel=1e-9)


def test_majorana_matrices_are_antisymmetric():
    with pytest.raises(InputError, match="antisymmetric"):
        from_dipoles(np.eye(3), np.zeros((3, 3)), "majorana")
    with pytest.raises(InputError, match="hermitian"):
        from_dipoles(np.triu(np.ones((3, 3))), np.zeros((3, 3)), "dirac")
    imaginary = 1j * (np.triu(np.ones((3, 3)), 1) - np.tril(np.ones((3, 3)), -1))
    matrix = from_dipoles(imaginary, 0 * imaginary, "majorana")
    np.testing.assert_allclose(matrix.lambdas, [1j, -1j, 1j])
    with pytest.raises(InputError, match="majorana"):
        _ = dirac(np.eye(3)).lambdas
    with pytest.raises(InputError, match="shape"):
        dirac(np.eye(2))


def test_mixing_matrix_is_unitary_with_determinant_one():
    mixing = random_mixing(generator(7))
    np.testing.assert_allclose(mixing @ mixing.conj().T, np.eye(3), atol=1e-14)
    assert np.linalg.det(mixing) == pytest.approx(1.0, abs=1e-14)
