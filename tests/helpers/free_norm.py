"""The best fit with the norm of a beam free, and with none of its neutrinos."""

from pathlib import Path

import numpy as np

from bayesnu.experiments.loading import load
from bayesnu.inference.minimise import minimise
from bayesnu.model.build import build_likelihood
from bayesnu.physics.signals import StandardModel


def fit(folder: Path, name: str, changes: str = "") -> tuple[dict[str, float], float]:
    """Return the events of each component, and Delta chi2 of no neutrinos of the SNS."""
    path = folder / "free.toml"
    path.write_text(f'extends = "{name}"\n{changes}[source]\nrelative_sigma = 1e3\n')
    likelihood = build_likelihood([load(path)], StandardModel(), ())
    norm, held = likelihood.index("flux_sns"), np.zeros(len(likelihood.names), dtype=bool)
    best = minimise(likelihood, likelihood.start, held)
    held[norm] = True
    start = likelihood.start
    start[norm] = 0.0
    without = minimise(likelihood, start, held)
    assert best.converged and without.converged
    events = {what: float(n.sum()) for (_, what), n in likelihood.components(best.x).items()}
    return events, without.chi2 - best.chi2
