"""The numbers behind the figures of ternes-tortola-2025; pictures are drawn elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bayesnu.assemble import build_likelihood
from bayesnu.experiment import Experiment, load
from bayesnu.inference.contour import Contour, contour
from bayesnu.inference.profile import Profile, profile, threshold
from bayesnu.likelihood import Likelihood
from bayesnu.moments.beam_profile import BeamProfile, profile_effective_moment
from bayesnu.moments.terms import SIZES
from bayesnu.signals.transition_moment import TransitionMoment

Experiments = Sequence[str | Path | Experiment]

SOLAR = tuple(
    f"{name}@ternes-tortola-2025" for name in ("xenonnt-2022-er", "lz-2022-er", "pandax4t-2022-er")
)
"""The data of the paper's own fit."""

CUTS = (threshold(0.6827, 2), threshold(0.9, 2))
"""One sigma and 90% for two parameters."""


def moment_likelihood(experiments: Experiments, reach: float | None = None) -> Likelihood:
    """Return the likelihood of all moments and phases.

    Parameters
    ----------
    experiments : sequence of str, Path or Experiment
    reach : float, optional
        Largest moment, 1e-11 mu_B. A beam with a blind spot limits no moment by itself: where
        its region is drawn has to be chosen.
    """
    loaded = [e if isinstance(e, Experiment) else load(e) for e in experiments]
    signal = TransitionMoment()
    likelihood = build_likelihood(loaded, signal, signal.elementary())
    if reach is not None:
        for name in SIZES:
            prior = likelihood.parameters[likelihood.index(name)].prior
            likelihood = likelihood.with_prior(name, replace(prior, high=reach))
    return likelihood


def region(
    experiments: Experiments,
    first: str = "Lambda_1",
    second: str = "Lambda_2",
    *,
    reach: float | None = None,
    points: int = 41,
) -> Contour:
    """Return the region of two moments; the third, the phases and all nuisances are profiled.

    Parameters
    ----------
    experiments, reach
        As of `moment_likelihood`.
    first, second : str
    points : int
        Grid points on each axis.
    """
    likelihood = moment_likelihood(experiments, reach)
    return contour(likelihood, first, second, cuts=CUTS, points=points)


def figure_1(*, points: int = 41) -> dict[str, Contour]:
    """Return the regions in (Lambda_1, Lambda_2) of GEMMA, and of LSND with both beams.

    Up to 2e-10 mu_B (GEMMA) and 3e-9 mu_B (LSND): the regions of GEMMA, and of LSND read as a
    pure nu_mu beam, go on along their blind spots.
    """
    return {
        "gemma-2012": region(["gemma-2012"], reach=20.0, points=points),
        "lsnd-2001": region(["lsnd-2001"], reach=300.0, points=points),
        "lsnd-2001@muon-neutrino": region(["lsnd-2001@muon-neutrino"], reach=300.0, points=points),
    }


def figure_2_left(experiments: Experiments = SOLAR, *, points: int = 41) -> dict[str, Contour]:
    """Return the solar regions in (Lambda_1, Lambda_2) and (Lambda_1, Lambda_3)."""
    return {
        second: region(experiments, "Lambda_1", second, points=points)
        for second in ("Lambda_2", "Lambda_3")
    }


def figure_2_right(experiments: Experiments = SOLAR) -> dict[str, dict[str, Profile]]:
    """Return the Delta chi2 profiles of every moment, of the solar fit and of Borexino."""
    result = {}
    for label, chosen in (("solar", experiments), ("borexino-2017", ["borexino-2017"])):
        likelihood = moment_likelihood(chosen)
        result[label] = {name: profile(likelihood, name) for name in SIZES}
    return result


def figure_3(experiments: Experiments = SOLAR, *, points: int = 21) -> dict[str, BeamProfile]:
    """Return what the solar fit implies for reactor and accelerator beams."""
    return {
        beam: profile_effective_moment(experiments, beam, points=points)
        for beam in ("reactor", "accelerator")
    }
