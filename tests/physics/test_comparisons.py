"""Limits of different beams are not compared unless somebody says how."""

import numpy as np
import pytest
from monte_carlo import generator

from bayesnu.errors import InputError
from bayesnu.physics.moments import (
    EffectiveMomentLimit,
    accelerator,
    beam_by_name,
    effective_moment,
    majorana,
    reactor,
    solar,
    translation_range,
)

SOLAR = EffectiveMomentLimit(0.75, solar())
GEMMA = EffectiveMomentLimit(2.9, reactor())


def test_comparing_two_beams_is_refused_in_one_sentence_that_names_them():
    with pytest.raises(InputError) as refusal:
        _ = SOLAR < GEMMA
    text = str(refusal.value)
    assert "solar neutrinos" in text and "reactor antineutrinos" in text
    assert text.count(". ") == 0
    with pytest.raises(InputError, match="level"):
        _ = EffectiveMomentLimit(2.9, reactor(), 0.95) > GEMMA


def test_limits_of_one_beam_are_compared():
    stronger = EffectiveMomentLimit(2.8, reactor())
    assert stronger < GEMMA
    assert not stronger > GEMMA


def test_a_solar_limit_is_translated_as_in_the_paper():
    # ternes-tortola-2025, Eq. 18, 19 (printed with two digits) from mu_solar < 7.5e-12: within
    # the 15% that is asked for; 1.05 and 2.13 are found.
    assert SOLAR.translated(reactor()).value == pytest.approx(1.0, rel=0.15)
    assert SOLAR.translated(accelerator()).value == pytest.approx(2.1, rel=0.15)
    assert SOLAR.translated(solar()) is SOLAR
    assert SOLAR.translated(reactor()) < GEMMA


def test_a_reactor_limit_says_nothing_about_its_blind_spot():
    assert np.isinf(GEMMA.translated(solar()).value)


def test_translation_covers_all_sizes_and_phases():
    rng = generator(1)
    lambdas = rng.normal(size=(3, 20000)) + 1j * rng.normal(size=(3, 20000))
    matrix = majorana(*lambdas)
    ratio = effective_moment(matrix, accelerator()) / effective_moment(matrix, solar())
    low, high = translation_range(solar(), accelerator())
    assert low <= ratio.min() and ratio.max() <= high
    # 20000 random directions come within a few percent of both ends.
    assert ratio.min() == pytest.approx(low, rel=0.15)
    assert ratio.max() == pytest.approx(high, rel=0.05)


def test_an_unknown_beam_is_refused():
    with pytest.raises(InputError, match="reactor"):
        beam_by_name("beta-beam")
