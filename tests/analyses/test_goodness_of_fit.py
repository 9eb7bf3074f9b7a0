"""Goodness of fit of the Standard Model and the backgrounds, without a signal."""

from pathlib import Path

import numpy as np
import pytest
from monte_carlo import SIGMAS, binomial_error, seed, stochastic

from bayesnu.analyses.goodness import goodness_of_fit
from bayesnu.errors import InputError
from bayesnu.experiments.loading import load

TOYS = 300


@stochastic
@pytest.mark.parametrize(
    "name", ["xenonnt-2022-er", "lz-2022-er", "lz-2024-er", "pandax4t-2024-er"]
)
def test_p_value_is_above_1_percent(name: str) -> None:
    fit = goodness_of_fit([load(name)], toys=TOYS, seed=seed())
    print(f"{name}: deviance {fit.deviance:.1f} for {fit.bins} bins, p = {fit.p_value:.3f}")
    # Five errors of a true p-value of 1% above it.
    assert fit.p_value > 0.01 + SIGMAS * binomial_error(0.01, TOYS)


def test_a_bad_fit_says_why_in_its_notes() -> None:
    """PandaX-4T Run0: one bin that no smooth background can follow."""
    experiment = load("pandax4t-2022-er")
    fit = goodness_of_fit([experiment], toys=TOYS, seed=seed())
    print(f"PandaX-4T Run0: deviance {fit.deviance:.1f} for {fit.bins} bins, p = {fit.p_value:.3f}")
    assert fit.p_value > 0.01 or any("Goodness of fit" in note for note in experiment.file.notes)


def test_toys_are_reproducible_and_bad_data_are_recognised() -> None:
    experiment = load("lz-2024-er")
    assert goodness_of_fit([experiment], toys=20) == goodness_of_fit([experiment], toys=20)
    wrong = experiment.observed * np.where(np.arange(experiment.bins) % 2, 1.4, 0.6)
    fit = goodness_of_fit([experiment], toys=50, observed={"lz-2024-er": np.round(wrong)})
    assert fit.p_value == 0.0
    assert fit.p_value_error > 0.0


def test_its_toys_are_a_campaign(tmp_path: Path) -> None:
    experiment = load("lz-2024-er")
    first = goodness_of_fit([experiment], toys=20, out=tmp_path / "toys")
    again = goodness_of_fit([experiment], toys=40, out=tmp_path / "toys", resume=True)
    assert first == goodness_of_fit([experiment], toys=20)
    assert again == goodness_of_fit([experiment], toys=40)


def test_no_toys_are_refused() -> None:
    with pytest.raises(InputError, match="toys: found 0"):
        goodness_of_fit([load("lz-2024-er")], toys=0)
