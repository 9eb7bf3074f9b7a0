"""What the tests share: a DARWIN that sees every decay, and profiles that are computed once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from bayesnu.analyses.asimov import asimov
from bayesnu.analyses.question import likelihood_of
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.inference.profile import profile
from bayesnu.results.curve import Profile

EVERYTHING = """\
extends = "{parent}"
exposure_t_yr = 1
bins = [
    {{ low_keV = 0.0, high_keV = 100.0, width_keV = 1.0 }},
    {{ low_keV = 100.0, high_keV = 2600.0, width_keV = 20.0 }},
]
[efficiency]
table = "one.csv"
"""


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Experiment]:
    """1 t yr with efficiency 1 and bins beyond every end point, natural and depleted."""
    folder: Path = tmp_path_factory.mktemp("everything")
    (folder / "one.csv").write_text("energy_keV,efficiency\n0,1\n3000,1\n", encoding="utf-8")
    found = {}
    for name in ("darwin-30ty", "darwin-300ty-depleted"):
        path = folder / f"{name}.toml"
        path.write_text(EVERYTHING.format(parent=name), encoding="utf-8")
        found[name] = load(path)
    return found


@pytest.fixture(scope="session")
def expected_profile() -> Callable[..., Profile]:
    """The profile of the first of some free parameters, of a scenario's Asimov data."""

    @cache
    def compute(scenario: str, signal: str, *free: str) -> Profile:
        data = asimov([scenario], signal)
        likelihood = likelihood_of([scenario], signal, list(free), observed=data)
        return profile(likelihood, free[0])

    return compute
