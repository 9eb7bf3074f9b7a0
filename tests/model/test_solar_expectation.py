"""Expected solar neutrinos beside what the collaborations expect."""

import numpy as np
import pytest

from bayesnu.experiments.loading import load
from bayesnu.model.rate import standard_model_counts


def test_xenonnt_expects_300_events_within_their_uncertainty() -> None:
    # Table I: 300 +- 30.
    assert standard_model_counts(load("xenonnt-2022-er")).sum() == pytest.approx(300.0, abs=30.0)


def test_lz_expectation_beside_27_events(variant) -> None:
    """Published 27.2 +- 1.6: free electrons overshoot, the RRPA-like rate meets it."""
    free = standard_model_counts(load("lz-2022-er")).sum()
    path = variant("lz-2022-er", '[neutrinos]\natomic = "rrpa"\n')
    rrpa = standard_model_counts(load(path)).sum()
    print(f"LZ WS2022 solar neutrinos: fea {free:.1f}, rrpa {rrpa:.1f}, published 27.2 +- 1.6")
    # The prototype found 32.9 with free electrons; efficiency and flux are known to 2%.
    assert free == pytest.approx(32.9, rel=0.02)
    assert rrpa == pytest.approx(27.2, abs=np.hypot(1.6, 0.02 * rrpa))


def test_newer_exposures_fit_the_rate_per_exposure_of_the_older_runs() -> None:
    """Solar neutrinos per t yr and keV differ between runs only by the efficiency (10%)."""
    rates = {}
    for name in ("lz-2022-er", "lz-2024-er", "pandax4t-2022-er", "pandax4t-2024-er"):
        experiment = load(name)
        inside = (experiment.edges[:-1] >= 4.0) & (experiment.edges[1:] <= 10.01)
        counts = standard_model_counts(experiment)[inside].sum()
        width = (experiment.edges[1:] - experiment.edges[:-1])[inside].sum()
        rates[name] = counts / width / experiment.file.exposure
    assert rates["lz-2024-er"] == pytest.approx(rates["lz-2022-er"], rel=0.1)
    assert rates["pandax4t-2024-er"] == pytest.approx(rates["pandax4t-2022-er"], rel=0.2)
