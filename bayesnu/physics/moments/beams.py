"""Neutrino beams as helicity amplitudes: what an effective magnetic moment belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.physics.cross_sections.electroweak import ANTINEUTRINOS, FLAVOURS
from bayesnu.physics.moments.matrices import Basis
from bayesnu.physics.sources import pion_decay_at_rest
from bayesnu.physics.sources import reactor as reactors
from bayesnu.physics.sources.sun.mass_states import first_state_low_energy
from bayesnu.physics.sources.sun.oscillation import DEFAULT_PARAMETERS, OscillationParameters
from bayesnu.types import Array, ComplexArray

NOTHING = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class HelicityState:
    """A coherent state: amplitudes of negative and positive helicity.

    Attributes
    ----------
    minus, plus : tuple of three complex
        a_- (neutrinos) and a_+ (antineutrinos) in the order of the beam's basis.
    weight : float or array
        Its share in an incoherent mixture.
    """

    minus: tuple[complex, complex, complex] = NOTHING
    plus: tuple[complex, complex, complex] = NOTHING
    weight: Any = 1.0


@dataclass(frozen=True)
class Beam:
    """An incoherent mixture of coherent states.

    Attributes
    ----------
    name : str
        Names the effective moment: ``reactor``.
    title : str
        In words, for messages.
    basis : {"flavour", "mass"}
        Of the amplitudes.
    """

    name: str
    title: str
    states: tuple[HelicityState, ...]
    basis: Basis = "flavour"


def as_made(name: str, title: str, weights: Mapping[str, float], coherent: bool = False) -> Beam:
    """Return neutrinos of a source near by, which arrive with the flavours they were made with.

    Parameters
    ----------
    weights : mapping of str to float
        By flavour: e, mu, tau, anti_e, anti_mu, anti_tau.
    coherent : bool
        Whether amplitudes of the neutrinos are added, as ternes-tortola-2025 does. Those of decays
        of different particles have no common phase.
    """
    minus, plus = (
        np.array([weights.get(flavour, 0.0) for flavour in flavours])
        for flavours in (FLAVOURS, ANTINEUTRINOS)
    )
    if coherent:
        whole = HelicityState(_three(np.sqrt(minus)), _three(np.sqrt(plus)))
        return Beam(name, title, (whole,))
    units = [_three(row) for row in np.eye(3)]
    neutrinos = [HelicityState(minus=a, weight=float(w)) for a, w in zip(units, minus, strict=True)]
    others = [HelicityState(plus=a, weight=float(w)) for a, w in zip(units, plus, strict=True)]
    return Beam(name, title, tuple(state for state in [*neutrinos, *others] if state.weight > 0.0))


def _three(values: Array) -> tuple[complex, complex, complex]:
    a, b, c = values.tolist()
    return a, b, c


def reactor() -> Beam:
    """Return electron antineutrinos at a short baseline: a_+ = (1, 0, 0), Eq. 11."""
    return as_made("reactor", "reactor antineutrinos", dict.fromkeys(reactors.FLAVOURS, 1.0))


PION_DECAY = dict.fromkeys((*pion_decay_at_rest.PROMPT, *pion_decay_at_rest.DELAYED), 1.0)
"""The beam of LSND, each flavour counted as one."""


def accelerator() -> Beam:
    """Return the full beam of LSND: a_- = (1, 1, 0), a_+ = (0, 1, 0), Eq. 12.

    ternes-tortola-2025 adds the amplitudes of nu_e and nu_mu, which gives the interference
    -2 |Lambda_e| |Lambda_mu| cos. Neutrinos from decays of different particles do not
    interfere; without it see `accelerator_incoherent`.
    """
    title = "the LSND beam of nu_mu, anti-nu_mu and nu_e"
    return as_made("accelerator", title, PION_DECAY, coherent=True)


def accelerator_incoherent() -> Beam:
    """Return the LSND beam as an incoherent mixture: Eq. 12 without its last term."""
    title = "nu_mu, anti-nu_mu and nu_e without phases"
    return as_made("accelerator-incoherent", title, PION_DECAY)


def muon_neutrino() -> Beam:
    """Return muon neutrinos alone: a_- = (0, 1, 0), Eq. 13."""
    return as_made("muon-neutrino", "a pure nu_mu beam", {"mu": 1.0})


def flavour(name: str) -> Beam:
    """Return neutrinos of one flavour, as made; antineutrinos have the same moment, by CPT."""
    return as_made(name, f"nu_{name}", {name: 1.0})


def solar(parameters: OscillationParameters = DEFAULT_PARAMETERS, first_state: Any = None) -> Beam:
    """Return solar neutrinos: an incoherent mixture of mass states, Eq. 14.

    Parameters
    ----------
    parameters : OscillationParameters
        theta_13, and theta_12 at low energy.
    first_state : float or array, optional
        P_e1^2nu; cos^2 theta_12, its value at low energy, if left out.
    """
    p_e1 = first_state_low_energy(parameters) if first_state is None else first_state
    c13 = 1.0 - parameters.sin2_theta13
    weights = (c13 * p_e1, c13 * (1.0 - p_e1), 1.0 - c13)
    units = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    states = tuple(HelicityState(minus=u, weight=w) for u, w in zip(units, weights, strict=True))
    return Beam("solar", "solar neutrinos", states, "mass")


BEAMS = {
    "reactor": reactor,
    "accelerator": accelerator,
    "accelerator-incoherent": accelerator_incoherent,
    "muon-neutrino": muon_neutrino,
    "solar": solar,
}
"""The beams of ternes-tortola-2025."""


def beam_by_name(name: str, parameters: OscillationParameters = DEFAULT_PARAMETERS) -> Beam:
    """Return a beam by its name, or neutrinos of one flavour by its name.

    Only the solar one depends on the oscillation parameters.

    Raises
    ------
    InputError
        If there is no such beam.
    """
    if name in FLAVOURS:
        return flavour(name)
    if name not in BEAMS:
        raise InputError("beam", "name", found=repr(name), expected=" | ".join(BEAMS))
    return solar(parameters) if name == "solar" else BEAMS[name]()


def amplitudes(
    beam: Beam, basis: Basis, mixing: ComplexArray
) -> Sequence[tuple[Any, ComplexArray, ComplexArray]]:
    """Return weight, a_- and a_+ of every state in a basis, Eq. 5.

    Returns
    -------
    sequence of (weight, minus, plus)
        Amplitudes of shape (..., 3): a~_- = U^dagger a_-, a~_+ = U^T a_+.
    """
    result = []
    for state in beam.states:
        minus = np.array(state.minus, dtype=complex)
        plus = np.array(state.plus, dtype=complex)
        if basis != beam.basis:
            left = np.conj(np.swapaxes(mixing, -1, -2)) if basis == "mass" else mixing
            minus, plus = left @ minus, np.conj(left) @ plus
        result.append((state.weight, minus, plus))
    return result
