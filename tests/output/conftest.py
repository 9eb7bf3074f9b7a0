"""One sampled run that the tests of pictures share."""

from __future__ import annotations

import pytest

from bayesnu import Settings, limit_run
from bayesnu.analyses.limit import LimitRun


@pytest.fixture(scope="session")
def run() -> LimitRun:
    """The magnetic moment from XENONnT, with few draws: enough to be drawn."""
    settings = Settings(draws=200, tune=200, chains=2)
    return limit_run(["xenonnt-2022-er"], "magnetic-moment", "mu_eff", settings=settings)
