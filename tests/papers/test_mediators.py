"""Light mediators of khan-2022: flat below the momentum transfer, falling as a propagator above."""

from __future__ import annotations

import numpy as np
import pytest

from bayesnu.analyses.question import likelihood_of
from bayesnu.inference.profile import profile

CUT_2_DOF = 4.605170186


def limit_at(coupling: str, mass_keV: float) -> float:
    likelihood = likelihood_of(
        ["xenonnt-2022-er@khan-2022"], "light-mediator", [coupling], fixed={"m_mediator": mass_keV}
    )
    upper = profile(likelihood, coupling, cut=CUT_2_DOF).intervals(CUT_2_DOF)[-1][1]
    assert upper is not None
    return upper


@pytest.mark.parametrize("coupling", ["g_vector", "g_axial", "g_scalar", "g_pseudoscalar"])
def test_the_limit_is_flat_below_the_momentum_transfer(coupling: str) -> None:
    # sqrt(2 m_e T) is 32 keV at T = 1 keV: at 1 keV the mass is 0.1% of it in the propagator.
    assert limit_at(coupling, 1.0) == pytest.approx(limit_at(coupling, 0.1), rel=2e-3)


@pytest.mark.parametrize("coupling", ["g_vector", "g_axial", "g_scalar", "g_pseudoscalar"])
def test_the_limit_is_proportional_to_a_heavy_mass(coupling: str) -> None:
    # Only g^2 / m^2 enters where m^2 is far above 2 m_e T, at most (378 keV)^2 here.
    slope = np.log(limit_at(coupling, 8000.0) / limit_at(coupling, 4000.0)) / np.log(2.0)
    assert slope == pytest.approx(1.0, abs=0.01)
