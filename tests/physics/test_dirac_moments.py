"""Dirac moments from their definition: amplitudes of flips, summed over final states."""

import cmath

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from monte_carlo import generator

from bayesnu.physics.moments import (
    accelerator_incoherent,
    beam_by_name,
    dirac,
    effective_moment_squared,
    from_dipoles,
    mixing_matrix,
    mixing_parameters,
    reactor,
    solar,
)
from bayesnu.physics.signals import DiracMoment, TransitionMoment
from bayesnu.physics.signals.fundamental_moments import moment_matrix
from bayesnu.physics.sources.sun.oscillation import OscillationParameters
from bayesnu.physics.targets.target import electrons, nuclei
from bayesnu.physics.treatment import Neutrinos, Oscillation

POINTS = 200


def hermitian(rng):
    own = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    return own + own.conj().T


def rotations(p):
    """The mixing matrix as a product of rotations, R23 diag(1, 1, e^-i delta)^-1 R13 ... R12."""

    def turn(i, j, square):
        own = np.eye(3, dtype=complex)
        own[i, i] = own[j, j] = np.sqrt(1.0 - square)
        own[i, j], own[j, i] = np.sqrt(square), -np.sqrt(square)
        return own

    phase = np.diag([1.0, 1.0, cmath.exp(1j * p.delta_cp)])
    return (
        turn(1, 2, p.sin2_theta23)
        @ phase
        @ turn(0, 2, p.sin2_theta13)
        @ phase.conj()
        @ turn(0, 1, p.sin2_theta12)
    )


def random_mixing(rng):
    return OscillationParameters(*rng.uniform(0.02, 0.98, 3), delta_cp=rng.uniform(0.0, 2 * np.pi))


def test_beams_see_the_flips_of_their_states_at_200_points():
    """H = nu_R,k^bar (mu - i d)_ki sigma F nu_L,i / 2 + h.c.; a flavour is sum_i U*_ai |nu_i>."""
    rng = generator(1)
    for _ in range(POINTS):
        magnetic, electric, p = hermitian(rng), hermitian(rng), random_mixing(rng)
        matrix, u = from_dipoles(magnetic, electric, "dirac"), rotations(p)
        flips = [[magnetic[k, i] - 1j * electric[k, i] for i in range(3)] for k in range(3)]

        def flavour(a):
            return sum(
                abs(sum(flips[k][i] * u[a, i].conjugate() for i in range(3))) ** 2  # noqa: B023
                for k in range(3)
            )

        weights = rng.dirichlet(np.ones(3))
        c13 = 1.0 - p.sin2_theta13
        by_mass = [c13 * weights[0], c13 * (1.0 - weights[0]), p.sin2_theta13]
        expected = {
            reactor(): flavour(0),
            beam_by_name("mu"): flavour(1),
            beam_by_name("tau"): flavour(2),
            accelerator_incoherent(): flavour(0) + 2.0 * flavour(1),
            solar(p, weights[0]): sum(
                by_mass[i] * sum(abs(flips[k][i]) ** 2 for k in range(3)) for i in range(3)
            ),
        }
        for beam, value in expected.items():
            found = effective_moment_squared(matrix, beam, mixing_matrix(p))
            assert found == pytest.approx(value, rel=1e-10), beam.name
        np.testing.assert_allclose(matrix.magnetic, magnetic, atol=1e-14)
        np.testing.assert_allclose(matrix.electric, electric, atol=1e-14)


@pytest.mark.parametrize("signal", [DiracMoment(), TransitionMoment()])
def test_the_form_of_a_signal_is_the_effective_moment(signal):
    rng = generator(2)
    for _ in range(POINTS):
        values = {
            p.name: rng.uniform(-np.pi, np.pi) if p.periodic else rng.uniform(0.0, 3.0)
            for p in signal.parameters
        }
        p = random_mixing(rng)
        matrix, u = moment_matrix(signal, values), mixing_matrix(p)
        for beam in (reactor(), accelerator_incoherent(), beam_by_name("mu"), solar(p, 0.4)):
            form, total = signal.form(beam, u), 0.0
            for vector in signal.vectors:
                v = np.array(
                    [
                        values[s] * np.exp(1j * (values[phase] if phase else 0.0))
                        for s, phase in vector
                    ]
                )
                total += (v.conj() @ form @ v).real
            assert total == pytest.approx(effective_moment_squared(matrix, beam, u), rel=1e-10)


def test_right_handed_states_are_free_to_choose():
    """Any unitary matrix on the left, so that phases of rows too, changes no beam's moment."""
    rng = generator(3)
    own = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    turned = np.linalg.qr(rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)))[0] @ own
    u = mixing_matrix()
    for beam in (reactor(), beam_by_name("mu"), solar()):
        one, other = (effective_moment_squared(dirac(m), beam, u) for m in (own, turned))
        assert one == pytest.approx(other, rel=1e-12)


def test_a_dirac_matrix_that_is_antisymmetric_has_the_moments_of_majorana_neutrinos():
    values = {"Lambda_1": 0.3, "Lambda_2": 0.8, "Lambda_3": 1.2, "phi_1": 0.7, "phi_3": -2.0}
    majorana = moment_matrix(TransitionMoment(), values)
    for beam in (reactor(), beam_by_name("mu"), solar()):
        one, other = (effective_moment_squared(m, beam) for m in (majorana, dirac(majorana.values)))
        assert one == pytest.approx(other, rel=1e-12)


def test_numbers_and_tensors_agree():
    signal, recoil = DiracMoment(), np.array([0.7, 5.0, 12.0])
    targets = (electrons(recoil, Neutrinos()), nuclei(recoil, Neutrinos())[0])
    names = [p.name for p in signal.parameters if not p.periodic]
    symbols = {name: pt.dscalar(name) for name in names}
    numbers = dict(zip(names, generator(4).uniform(0.1, 2.0, len(names)), strict=True))

    def total(values):
        physical = signal.physical(values)
        return sum(
            process.coefficients.at(14.0)
            for state in "123"
            for process in (
                *signal.electrons_of_mass_state(targets[0], state, physical),
                *signal.nucleus_of_mass_state(targets[1], state, physical),
            )
        )

    compiled = pytensor.function(list(symbols.values()), total(symbols), mode="FAST_COMPILE")
    np.testing.assert_allclose(compiled(*numbers.values()), total(numbers), rtol=1e-12)


def test_an_ordering_is_mixing_angles_and_a_phase_and_nothing_else():
    normal, inverted = (mixing_parameters(o) for o in ("normal", "inverted"))
    assert (normal.sin2_theta13, inverted.sin2_theta13) == (0.022, 0.02225)
    assert (normal.delta_cp, inverted.delta_cp) == pytest.approx((1.08 * np.pi, 1.58 * np.pi))
    assert normal.sin2_theta12 == inverted.sin2_theta12
    assert normal.dm2_21_eV2 == inverted.dm2_21_eV2
    matrix = from_dipoles(*(hermitian(generator(seed)) for seed in (5, 6)), "dirac")
    u, v = mixing_matrix(normal), mixing_matrix(inverted)
    one, other = (effective_moment_squared(matrix, reactor(), m) for m in (u, v))
    assert abs(one / other - 1.0) > 1e-3
    # Equal angles and phase: equal moments, whatever the ordering is called.
    given = {n: getattr(normal, n) for n in ("sin2_theta12", "sin2_theta13", "sin2_theta23")}
    entry = Oscillation(ordering="inverted", delta_cp=normal.delta_cp, **given)
    same = OscillationParameters(
        entry.sin2_theta12, entry.sin2_theta13, entry.sin2_theta23, delta_cp=entry.delta_cp
    )
    assert effective_moment_squared(matrix, reactor(), mixing_matrix(same)) == pytest.approx(one)
    # Where both have the same angles the sun, which sees no phase, sees no ordering.
    a, b = (
        effective_moment_squared(matrix, solar(p, 0.6), mixing_matrix(p)) for p in (same, normal)
    )
    assert a == pytest.approx(b, rel=1e-14)
    assert "ordering" not in repr(Oscillation())
