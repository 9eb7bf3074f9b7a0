"""Refits are fast, and the short way to the sampler is the same as the long one."""

from __future__ import annotations

import time

import numpy as np
import pytest
from small import charge, counting

from bayesnu.campaigns.refit import Refit, refit, split_r_hat
from bayesnu.errors import InputError
from bayesnu.inference import native
from bayesnu.inference.kernel import kernel
from bayesnu.inference.nutpie_bridge import run_nuts
from bayesnu.inference.posterior import Settings, starting_point
from bayesnu.likelihood import Likelihood


def test_the_c_function_gives_the_draws_of_the_python_function(moment: Likelihood) -> None:
    for likelihood in (moment, counting(), charge()):
        compiled = kernel(likelihood)
        point = starting_point(likelihood)

        def start(seed: int, compiled=compiled, point=point):  # type: ignore[no-untyped-def]
            return compiled.to_unbounded(point(seed))

        settings = Settings(draws=50, tune=60, chains=2, cores=1)
        slow = run_nuts(compiled.function(), start, settings)
        fast = run_nuts(compiled.function(), start, settings, compiled=compiled)
        assert np.array_equal(slow[0], fast[0])
        assert np.array_equal(slow[1]["n_steps"], fast[1]["n_steps"])


def test_the_short_way_is_the_one_that_is_used(moment: Likelihood) -> None:
    compiled = kernel(moment)
    start = starting_point(moment)
    model = native.native_model(compiled, lambda seed: compiled.to_unbounded(start(seed)))
    assert model is not None
    assert len(compiled.arguments) == native.ARGUMENTS


def test_without_nutpies_class_the_long_way_is_taken(
    moment: Likelihood, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nutpie.compile_pymc

    usual = refit(counting(), Refit(50, 60, 2), 1)
    monkeypatch.delattr(nutpie.compile_pymc, "CompiledPyMCModel")
    assert np.array_equal(refit(counting(), Refit(50, 60, 2), 1).draws, usual.draws)


def test_a_refit_of_four_times_500_draws_takes_a_quarter_of_a_second(moment: Likelihood) -> None:
    refit(moment, Refit(), 1)
    seconds = []
    for seed in range(5):
        # Time on the processor: a busy machine must not fail this.
        began = time.process_time()
        found = refit(moment, Refit(), seed)
        seconds.append(time.process_time() - began)
        assert found.draws.shape == (4, 500, len(moment.names))
        assert found.r_hat < 1.05
    assert min(seconds) < 0.25, seconds


def test_the_same_seed_gives_the_same_draws(moment: Likelihood) -> None:
    one, other = (refit(moment, Refit(50, 60, 2), 3) for _ in range(2))
    assert np.array_equal(one.draws, other.draws)


def test_split_r_hat_of_known_chains() -> None:
    rng = np.random.default_rng(1)
    good = rng.normal(size=(4, 1000, 3))
    assert split_r_hat(good) < 1.01
    apart = good.copy()
    apart[0] += 1.0
    assert split_r_hat(apart) > 1.1
    assert split_r_hat(np.ones((2, 10, 1))) == pytest.approx(np.sqrt(4 / 5))


def test_too_few_draws_are_refused() -> None:
    for wrong in ({"draws": 1}, {"tune": 0}, {"chains": 1}):
        with pytest.raises(InputError):
            Refit(**wrong)
