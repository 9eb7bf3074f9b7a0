"""What printed numbers rest on, kept beside them: so that none is older than its inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from math import isclose
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.loading import load
from bayesnu.model.rate import recoil_rate
from bayesnu.physics.signals import signal_by_tag

WORDS = frozenset({"title", "arxiv", "citation", "description", "notes", "source", "label"})
"""Entries of a file that change no number."""

PROBES = {"magnetic-moment": "mu_eff", "millicharge": "q_eff", "charge-radius": "r2_eff"}
"""Signals whose counts stand for the physics: one parameter of each, at its probe value."""

SAME = 1e-6
"""Relative; kinds of processor differ by 1e-12, and what is printed has three digits."""


def inputs(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what the numbers of experiments rest on today, by name.

    Returns
    -------
    dict
        ``digest``: hash of the file's entries, words left out, and of the numbers in its tables;
        ``expected``: totals of what the physics makes of them (and so of fluxes, cross sections
        and response), which hold whatever becomes of the code.
    """
    found = {name: load(name) for name in sorted(set(names))}
    return {
        name: {"digest": _digest(experiment), "expected": _expected(experiment)}
        for name, experiment in found.items()
    }


def outdated(kept: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the experiments whose inputs are no longer those that were kept."""
    return [name for name, entry in kept.items() if not _is_today(name, entry)]


def _is_today(name: str, entry: Mapping[str, Any]) -> bool:
    try:
        today = inputs([name])[name]
    except InputError:
        return False  # renamed, or gone
    pairs = zip(today["expected"], entry["expected"], strict=False)
    return (
        today["digest"] == entry["digest"]
        and len(today["expected"]) == len(entry["expected"])
        and all(isclose(a, b, rel_tol=SAME) for a, b in pairs)
    )


def _digest(experiment: Experiment) -> str:
    # What is left out has its default: a new key changes no digest, a new default the counts.
    entries = experiment.file.model_dump(mode="json", exclude_defaults=True)
    total = hashlib.sha256(json.dumps(_without_words(entries), sort_keys=True).encode())
    for table in sorted(experiment.tables, key=lambda table: str(table.path)):
        total.update(repr(sorted(table.cells.items())).encode())
    return total.hexdigest()[:16]


def _without_words(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {key: _without_words(value) for key, value in entry.items() if key not in WORDS}
    return [_without_words(value) for value in entry] if isinstance(entry, list) else entry


def _expected(experiment: Experiment) -> list[float]:
    """Return the sum over bins of backgrounds and of probes, and the sum weighted by the bin."""
    counts = [background.counts for background in experiment.backgrounds]
    if experiment.responses:
        rate = recoil_rate(experiment)
        for tag, name in PROBES.items():
            signal = signal_by_tag(tag, experiment.recoils)
            counts += rate.counts(signal, {name: signal.parameter(name).probe}).values()
    weights = np.arange(1.0, experiment.bins + 1.0)
    return [float(f"{value:.9g}") for c in counts for value in (c.sum(), c @ weights)]
