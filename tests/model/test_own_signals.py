"""A signal that is not what it says is refused; one that is, is fitted, saved and reported."""

from __future__ import annotations

import numpy as np
import pytest

from bayesnu import InputError, LightMediator, SterileDipole, likelihood_of, limit
from bayesnu.experiments.loading import load
from bayesnu.model.polynomial import TOLERANCE, expansion
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import SIGNALS, signal_for
from bayesnu.physics.signals.base import Signal, SignalParameter


def parameter(name: str = "x", **more: object) -> SignalParameter:
    values = {"one_sided": True, "reach": 5.0, "probe": 1.0} | more
    return SignalParameter(name, "1", name, 1.0, **values)  # type: ignore[arg-type]


class Exponential(Signal):
    """A shift of exp(x) - 1."""

    tag = "exponential"
    title = "No polynomial"
    parameters = (parameter(),)

    def electron_shifts(self, electrons, flavour, values):
        return np.exp(values["x"]) - 1.0, 0.0


class Kinked(Exponential):
    """A shift of |x|, which is a polynomial at every point that is tried for x >= 0 alone."""

    tag = "kinked"
    parameters = (parameter(one_sided=False),)

    def electron_shifts(self, electrons, flavour, values):
        return np.abs(values["x"]), 0.0


class Misspelt(Signal):
    """Its hook lacks an s."""

    tag = "misspelt"
    title = "Misspelt"
    parameters = (parameter(),)

    def electron_shift(self, electrons, flavour, values):
        return values["x"], 0.0


class Idle(Signal):
    """Has a parameter and no effect."""

    tag = "idle"
    title = "Idle"
    parameters = (parameter(),)


class Massive(Exponential):
    """A mass for which zero means nothing."""

    tag = "massive"
    parameters = (parameter(), parameter("m", shape=True))

    def electron_shifts(self, electrons, flavour, values):
        return values["x"] / values["m"], 0.0


class Honest(Exponential):
    """A shift of x, with a helper."""

    tag = "honest"

    def electron_shifts(self, electrons, flavour, values):
        return self._shift(values), 0.0

    def _shift(self, values):
        return values["x"]


class LowDegree(LightMediator):
    """A mediator whose counts go with the fourth power, declared with the second."""

    tag = "low-degree"
    degree = 2


@pytest.mark.parametrize("signal", [Exponential(), Kinked()], ids=lambda s: s.tag)
def test_what_is_no_polynomial_is_refused(signal: Signal) -> None:
    with pytest.raises(InputError, match="no polynomial of degree 2"):
        likelihood_of(["xenonnt-2022-er"], signal, ["x"])


def test_a_wrong_degree_is_refused() -> None:
    with pytest.raises(InputError, match="no polynomial of degree 2"):
        likelihood_of(["xenonnt-2022-er"], LowDegree(), ["g_vector"], fixed={"m_mediator": 50.0})


def test_a_misspelt_hook_is_refused() -> None:
    with pytest.raises(InputError, match=r"electron_shift: .* expected electron_shifts"):
        limit(["xenonnt-2022-er"], Misspelt(), "x")


def test_a_signal_without_effect_is_refused() -> None:
    with pytest.raises(InputError, match="no effect on the counts of xenonnt-2022-er"):
        limit(["xenonnt-2022-er"], Idle(), "x")


def test_a_mass_without_which_there_is_no_signal_is_required() -> None:
    with pytest.raises(InputError, match="--set m=1"):
        limit(["xenonnt-2022-er"], Massive(), "x")
    found = limit(["xenonnt-2022-er"], Massive(), "x", fixed={"m": 2.0}, method="profile")
    twice = limit(["xenonnt-2022-er"], Honest(), "x", method="profile")
    assert found.fixed == {"m": 2.0}
    # The other mass is the other parameter in other words.
    ours, theirs = (r.frequentist.intervals[-1][1] for r in (found, twice))
    assert ours == pytest.approx(2.0 * theirs, rel=1e-3)


def test_a_mass_that_nothing_can_make_is_no_missing_effect() -> None:
    likelihood = likelihood_of(["xenonnt-2022-er"], SterileDipole(), ["mu_e"], fixed={"m4": 30.0})
    assert likelihood.names[0] == "mu_e"


@pytest.mark.parametrize("channel", ["xenonnt-2022-er", "xenonnt-2024-8b"])
@pytest.mark.parametrize("tag", [tag for tag, make in SIGNALS.items() if not make().propagates])
def test_packaged_signals_are_polynomials_far_within_the_tolerance(tag: str, channel: str) -> None:
    experiment = load(channel)
    signal, rate = signal_for(tag, [experiment.file.channel]), recoil_rate(experiment)
    free = [n for n in signal.elementary() if not signal.parameter(n).periodic]
    fixed = {p.name: max(0.5, p.lowest or 0.0) for p in signal.parameters if p.shape}
    found = expansion(rate, signal, free, fixed)
    rng = np.random.default_rng(7)
    for _ in range(5):
        sizes = rng.uniform(0.1, 10.0, len(free))
        values = {n: float(s) * signal.parameter(n).probe for n, s in zip(free, sizes, strict=True)}
        for component, counts in rate.count_terms(signal, fixed | values).items():
            terms = [
                template * np.prod([values[name] for name in monomial])
                for monomial, template in found[component].items()
            ]
            size = max(float(np.abs(term).max()) for term in terms)
            miss = float(np.abs(counts - np.sum(terms, axis=0)).max())
            assert miss <= 0.01 * TOLERANCE * max(size, 1e-300)
