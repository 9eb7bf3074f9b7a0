"""Fundamental magnetic moments: matrices, beams, and the effective moments they see.

An "effective magnetic moment" is a property of a neutrino beam as much as of the neutrino
(ternes-tortola-2025): solar, reactor and accelerator limits are on different things. Here the
parameters are those of the Hamiltonian, and the effective moment of any beam follows.
"""

from bayesnu.physics.moments.beams import (
    Beam,
    HelicityState,
    accelerator,
    accelerator_incoherent,
    beam_by_name,
    muon_neutrino,
    reactor,
    solar,
)
from bayesnu.physics.moments.compare import EffectiveMomentLimit, translation_range
from bayesnu.physics.moments.effective import (
    blind_spot,
    dirac_form,
    effective_moment,
    effective_moment_squared,
    quadratic_form,
)
from bayesnu.physics.moments.matrices import MomentMatrix, dirac, from_dipoles, majorana
from bayesnu.physics.moments.mixing import mixing_matrix, mixing_parameters

__all__ = [
    "Beam",
    "EffectiveMomentLimit",
    "HelicityState",
    "MomentMatrix",
    "accelerator",
    "accelerator_incoherent",
    "beam_by_name",
    "blind_spot",
    "dirac",
    "dirac_form",
    "effective_moment",
    "effective_moment_squared",
    "from_dipoles",
    "majorana",
    "mixing_matrix",
    "mixing_parameters",
    "muon_neutrino",
    "quadratic_form",
    "reactor",
    "solar",
    "translation_range",
]
