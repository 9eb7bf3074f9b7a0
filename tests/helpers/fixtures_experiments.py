"""What the tests of experiments share: limits, variants of a file, and a user's own experiment."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from experiment_files import OWN_COUNTS, OWN_EFFICIENCY, OWN_MODEL, write_own

from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.inference.profile import profile
from bayesnu.likelihood.threshold import threshold
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import MagneticMoment
from bayesnu.physics.signals.base import Signal

LEVEL_90 = threshold(0.9, 1)


@pytest.fixture(scope="session")
def upper_limit() -> Callable[..., float]:
    """The 90% upper limit on one parameter (mu_eff by default), one at a time."""

    def compute(
        experiments: Sequence[str | Path | Experiment],
        parameter: str = "mu_eff",
        signal: Signal | None = None,
    ) -> float:
        loaded = [e if isinstance(e, Experiment) else load(e) for e in experiments]
        likelihood = build_likelihood(loaded, signal or MagneticMoment(), [parameter])
        upper = profile(likelihood, parameter).intervals(LEVEL_90)[-1][1]
        assert upper is not None
        return upper

    return compute


@pytest.fixture
def variant(tmp_path: Path) -> Callable[..., Path]:
    """Write a file that extends an experiment, and return its path."""
    number = itertools.count()

    def write(parent: str, changes: str, name: str | None = None) -> Path:
        path = tmp_path / f"{name or f'variant-{next(number)}'}.toml"
        path.write_text(f'extends = "{parent}"\n{changes}', encoding="utf-8")
        return path

    return write


@pytest.fixture
def own_model(tmp_path: Path) -> Callable[..., Path]:
    """Write a user's own experiment, whole or with a broken part."""

    def write(
        model: str = OWN_MODEL, counts: str = OWN_COUNTS, efficiency: str = OWN_EFFICIENCY
    ) -> Path:
        return write_own(tmp_path / "own", model, counts, efficiency)

    return write
