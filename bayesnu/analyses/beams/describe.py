"""What there is to say about an experiment given as a limit on an effective moment."""

from __future__ import annotations

from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.physics.moments.beams import beam_by_name


def effective_moment_facts(file: EffectiveMomentFile) -> list[tuple[str, str]]:
    """Return names and texts for the page about the experiment."""
    return [
        ("channel", file.channel),
        ("beam", beam_by_name(file.beam).title),
        (
            "limit",
            f"mu < {file.upper_limit_1e11_mu_B:g}e-11 mu_B at {100 * file.level:g}%",
        ),
        ("likelihood", "gaussian in mu^2, derived from a published limit"),
    ]
