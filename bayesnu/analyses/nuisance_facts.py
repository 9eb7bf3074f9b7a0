"""What a file says is not known of its detector, and how much a limit depends on it."""

from __future__ import annotations

from bayesnu.analyses.question import Question
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.nuisances import IN_KEV, Nuisance
from bayesnu.inference.impacts import effects as effects_of
from bayesnu.likelihood.names import nuisance_names
from bayesnu.results.description import NuisanceFacts


def nuisance_facts(experiment: Experiment, effects: bool = True) -> tuple[NuisanceFacts, ...]:
    """Return the nuisances of an experiment's file, with their effects where there are data."""
    shares = _effects(experiment) if effects else {}
    return tuple(
        NuisanceFacts(
            name,
            _kind(entry),
            entry.prior + (f" (shared as {entry.shared})" if entry.shared else ""),
            entry.source,
            shares.get(name, ""),
        )
        for name, entry in experiment.nuisances.items()
    )


def _kind(entry: Nuisance) -> str:
    """Return what a nuisance changes, and by how much."""
    if entry.kind == "atomic":
        return "atomic, from electrons in steps (0) to the RRPA ratio (1)"
    size = "tables at +-1 sigma"
    if entry.sigma is not None:
        size = f"{entry.sigma:g} keV" if entry.kind in IN_KEV else f"{entry.sigma:.3g} relative"
    of = f" of {', '.join(entry.components)}" if entry.components else ""
    return f"{entry.kind}{of}, {size}"


def _effects(experiment: Experiment) -> dict[str, str]:
    """Return how the limit on mu_eff changes with each at +1 and -1 sigma, before profiling."""
    if experiment.observed is None or not experiment.nuisances:
        return {}
    question = Question.of([experiment], "magnetic-moment", ["mu_eff"])
    likelihood = question.likelihood
    ends = {}
    for name, entry in experiment.nuisances.items():
        own = (name, experiment.name)
        full = entry.shared or nuisance_names([own])[own]
        if full in likelihood.names:
            middle, width = (1.0, entry.sigma or 0.0) if entry.kind == "norm" else (0.0, 1.0)
            low = 0.0 if entry.kind == "atomic" else middle - width
            ends[full] = (name, (middle + width, low))
    moved = {full: values for full, (_, values) in ends.items()}
    found = effects_of(likelihood, question.parameter, question.threshold, moved)
    return {
        ends[full][0]: f"{up:+.1%} at +1"
        + (f", {down:+.1%} at -1 sigma" if ends[full][1][1] != 0.0 else "")
        for full, (up, down) in found.items()
    }
