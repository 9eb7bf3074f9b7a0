"""Counts given instead of the data: for each experiment of the fit, for each bin, or refused."""

import numpy as np
import pytest

import bayesnu
from bayesnu.analyses.goodness import goodness_of_fit
from bayesnu.errors import InputError

NAME = "xenonnt-2022-er"
QUESTION = ([NAME], "magnetic-moment", "mu_eff")


def changed(where: int, value: float) -> np.ndarray:
    counts = bayesnu.load(NAME).observed.astype(float)
    counts[where] = value
    return counts


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        ({"xenonnt": changed(0, 1.0)}, "'xenonnt': found no experiment of this fit"),
        ({NAME: changed(0, -3.0)}, "found -3 in bin 0"),
        ({NAME: -changed(0, 1.0)}, "at least 0"),
        ({NAME: changed(2, np.nan)}, "found nan in bin 2"),
        ({NAME: changed(1, np.inf)}, "found inf in bin 1"),
        ({NAME: changed(0, 1.0)[:-1]}, "expected 130 counts"),
        ({NAME: 3.0}, r"found counts of shape \(\)"),
        ({NAME: ["a"] * 130}, "something else than numbers"),
        ({NAME: None}, "found"),
    ],
)
def test_counts_that_are_none_are_refused_in_one_sentence(observed, words):
    asks = (
        lambda: bayesnu.limit(*QUESTION, observed=observed),
        lambda: bayesnu.likelihood_of(*QUESTION[:2], ["mu_eff"], observed=observed),
        lambda: goodness_of_fit([bayesnu.load(NAME)], toys=1, observed=observed),
    )
    for ask in asks:
        with pytest.raises(InputError, match=words) as error:
            ask()
        assert "\n" not in str(error.value)


def test_the_counts_that_are_given_are_fitted():
    twice = 2.0 * bayesnu.load(NAME).observed
    found = bayesnu.limit(*QUESTION, method="profile", observed={NAME: twice})
    assert found.frequentist.intervals[-1][1] > 2.0  # the data themselves: below 0.9
