"""What there is to say about an experiment given as a limit on an effective moment."""

from __future__ import annotations

from bayesnu.experiments.beam_limit import beam_of
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile


def effective_moment_facts(experiment: Experiment) -> list[tuple[str, str]]:
    """Return names and texts for the page about the experiment."""
    file = experiment.file
    assert isinstance(file, EffectiveMomentFile)
    return [
        ("channel", file.channel),
        ("beam", beam_of(experiment).title),
        (
            "limit",
            f"mu < {file.upper_limit_1e11_mu_B:g}e-11 mu_B at {100 * file.level:g}%",
        ),
        ("likelihood", "gaussian in mu^2, derived from a published limit"),
    ]
