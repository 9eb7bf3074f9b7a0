"""Limits on gauge bosons and tensor mediators: flat where light, falling as g ~ m beyond."""

import numpy as np
import pytest

from bayesnu import InputError, limit
from bayesnu.physics.signals import CHARGES, signal_by_tag

ER, NR, REACTOR = "xenonnt-2022-er", "xenonnt-2026-8b", "conus-plus-2025"
TAGS = [f"gauge-boson-{charges}" for charges in CHARGES]
NO_EFFECT = ["gauge-boson-b-3l_mu", "gauge-boson-b-3l_tau"]
# (light, lighter, heavy) in keV: momentum transfers are 30 to 400 keV on electrons above 1 keV,
# and 3 to 50 MeV on nuclei of xenon.
MASSES = {ER: (1.0, 0.1, 4000.0), NR: (30.0, 3.0, 1e6)}
CASES = [(ER, tag) for tag in [*TAGS, "tensor-mediator"] if tag not in NO_EFFECT]
CASES += [(NR, tag) for tag in ("gauge-boson-b-l", "gauge-boson-b-3l_tau", "tensor-mediator")]


def limit_at(experiment: str, tag: str, mass: float) -> float:
    coupling, massive = (p.name for p in signal_by_tag(tag).parameters)
    found = limit([experiment], tag, coupling, fixed={massive: mass}, method="profile")
    assert found.frequentist is not None
    upper = found.frequentist.intervals[-1][1]
    assert upper is not None
    return upper


@pytest.mark.parametrize(("experiment", "tag"), CASES)
def test_limits_are_flat_below_the_momentum_transfer_and_go_with_the_mass_above(
    experiment: str, tag: str
) -> None:
    light, lighter, heavy = MASSES[experiment]
    assert limit_at(experiment, tag, light) == pytest.approx(
        limit_at(experiment, tag, lighter), rel=2e-3
    )
    slope = np.log2(limit_at(experiment, tag, 2 * heavy) / limit_at(experiment, tag, heavy))
    assert slope == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("experiment", "tag"),
    [*((ER, tag) for tag in NO_EFFECT), (REACTOR, "gauge-boson-lmu-ltau")],
)
def test_what_neither_neutrinos_nor_matter_are_charged_under_is_refused(
    experiment: str, tag: str
) -> None:
    for mass in ({}, {"m_boson": 50.0}):
        with pytest.raises(InputError, match="no effect on the counts"):
            limit([experiment], tag, "g", fixed=mass)


def test_a_larger_charge_is_a_smaller_coupling() -> None:
    """Only nu_e and electrons, both of charge 3, against all neutrinos of charge 1."""
    assert (
        1.0
        < 3.0 * limit_at(ER, "gauge-boson-b-3l_e", 1.0) / limit_at(ER, "gauge-boson-b-l", 1.0)
        < 1.5
    )


def test_a_loop_costs_a_factor_of_the_square_root_of_its_smallness() -> None:
    """Its charge is 1/229, and half of the neutrinos take part, of both signs: 10 to 50 in g."""
    loop = limit_at(ER, "gauge-boson-lmu-ltau", 1.0)
    assert 10.0 < loop / limit_at(ER, "gauge-boson-b-l", 1.0) < 50.0
