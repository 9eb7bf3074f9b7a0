"""A page about an experiment: what `bayesnu show` prints."""

from __future__ import annotations

from pathlib import Path

from bayesnu.analyses.beams.describe import effective_moment_facts
from bayesnu.analyses.goodness import goodness_of_fit
from bayesnu.analyses.nuisance_facts import nuisance_facts
from bayesnu.analyses.rates import rates
from bayesnu.experiments.activities import activity_text
from bayesnu.experiments.experiment import Experiment
from bayesnu.experiments.format.effective_moment import EffectiveMomentFile
from bayesnu.experiments.format.electron_recoil import ElectronRecoilFile, EnergyFile
from bayesnu.experiments.format.nuclear_recoil import NuclearRecoilFile
from bayesnu.experiments.format.quenched_recoil import QuenchedRecoilFile
from bayesnu.experiments.format.quenching import Lindhard, Polynomial
from bayesnu.experiments.loading import load
from bayesnu.files.tables import packaged_folder
from bayesnu.model.nuisances.response import owner_of
from bayesnu.results.description import BackgroundFacts, Description, Source
from bayesnu.results.interval_text import p_text

TOYS = 300
"""Simulated data sets behind the p-value of a page."""


def describe(
    experiment: str | Path | Experiment, *, toys: int = TOYS, effects: bool = True
) -> Description:
    """Return the page about an experiment.

    Parameters
    ----------
    toys : int
        For the p-value of the fit without a signal; 0 leaves it out.
    effects : bool
        Whether to say what each nuisance of the file does to the limit on mu_eff.
    """
    loaded = experiment if isinstance(experiment, Experiment) else load(experiment)
    file = loaded.file
    expectation = rates(loaded)
    totals = expectation.totals
    observed = "none (a projection)"
    if loaded.observed is not None:
        own = totals.get(loaded.source().label, 0.0)
        words = "solar" if loaded.sees_sun else "neutrinos"
        observed = f"{loaded.observed.sum():.0f} events, {own:.1f} {words} expected"
        off = loaded.source_off
        if off is not None and off.observed is not None:
            observed += (
                f"; {off.observed.sum():.0f} without the source, in {off.exposure:.3g} times"
            )
            observed += " the exposure"
    neutrinos = file.neutrinos
    facts = [
        ("file", _short(loaded.path)),
        ("reference", f"arXiv:{file.arxiv}" if file.arxiv else "-"),
        ("channel", f"{file.channel} on {loaded.material}"),
        ("exposure", f"{file.exposure:.4g} t yr"),
        ("bins", loaded.describe_bins()),
        ("observed", observed),
        *_response_facts(loaded),
        (
            "neutrinos",
            f"{_fluxes(loaded)}; {neutrinos.couplings} couplings; "
            + (
                f"atomic = {neutrinos.atomic}"
                if isinstance(file, ElectronRecoilFile)
                else f"nuclei = {neutrinos.nuclei}, form factor = {neutrinos.form_factor}"
            ),
        ),
    ]
    if isinstance(file, EffectiveMomentFile):
        facts = [*facts[:2], *effective_moment_facts(loaded)]
    if file.description:
        facts.insert(0, ("", file.description))
    if toys and loaded.observed is not None and not isinstance(file, EffectiveMomentFile):
        fit = goodness_of_fit([loaded], toys=toys)
        p_value = p_text(fit.p_value, fit.toys)
        text = f"deviance {fit.deviance:.1f} in {fit.bins} bins, {p_value}"
        facts.append(("fit without signal", f"{text} ({fit.toys} toys)"))
    if file.supersedes:
        facts.append(("supersedes", ", ".join(file.supersedes)))
    backgrounds = tuple(
        BackgroundFacts(
            background.label,
            f"{totals[background.name]:.2f}",
            ("fixed" if background.prior is None else background.prior.words("norm"))
            + (f" (shared as {background.shared})" if background.shared else ""),
            background.trust,
        )
        for background in loaded.backgrounds
    )
    unique = {table.path: table for table in loaded.tables}
    sources = tuple(
        Source(
            _short(table.path),
            table.trust,
            table.meta.get("source", "no source given"),
            table.meta.get("note", ""),
        )
        for table in unique.values()
    )
    labels = {background.name: background.label for background in loaded.backgrounds}
    return Description(
        name=loaded.name,
        title=file.title,
        digest=loaded.digest,
        facts=dict(facts),
        sources=sources,
        notes=(*_activities(loaded), *file.notes),
        backgrounds=backgrounds,
        nuisances=nuisance_facts(loaded, effects),
        labels=labels,
        expectation=expectation,
    )


def _activities(loaded: Experiment) -> list[str]:
    """Return how backgrounds are sized that follow from half-lives and activities."""
    file, target = loaded.file, loaded.material
    if not isinstance(file, EnergyFile):
        return []
    return [
        f"{entry.label or name}: {activity_text(entry.activity, target)}. {entry.source}".rstrip()
        for name, entry in file.backgrounds.items()
        if entry.activity is not None and not entry.omit
    ]


def _fluxes(loaded: Experiment) -> str:
    """Return where neutrinos come from, and how many."""
    neutrinos = loaded.neutrinos
    if loaded.sees_sun:
        common = neutrinos.common_flux_sigma
        text = f"{', '.join(neutrinos.components)}; {neutrinos.flux_model} fluxes"
        text += f", one norm of {common:.0%}" if common else ""
        return f"{text}; {neutrinos.survival} survival"
    source = loaded.source()
    parts = [
        f"{name} {flux:.3g} cm-2 s-1 ({source.norm(name).relative_sigma:.0%})"
        for name, flux in source.flux.items()
    ]
    return f"{loaded.file.source.kind}: {', '.join(parts)}"


def _response_facts(loaded: Experiment) -> list[tuple[str, str]]:
    """Return how recoils become counts, and counts a likelihood."""
    file = loaded.file
    if isinstance(file, EnergyFile):
        errors = f" ({file.errors})" if loaded.sigma is not None else ""
        return [
            ("likelihood", file.likelihood + errors),
            *_seen_facts(file),
            *_quenching_facts(file),
        ]
    if not isinstance(file, NuclearRecoilFile):
        return []
    named = {owner_of(name) for factors in loaded.response_factors for name in factors}
    nuisances = sorted(named - set(loaded.nuisances))
    response = "P(bin | true recoil energy)"
    response += f", with nuisances {', '.join(nuisances)}" if nuisances else ""
    response += ", times when each component arrives" if loaded.arrival else ""
    if loaded.standard_model is not None:
        response += ", scaled bin by bin to the published Standard-Model counts"
    recoils = "nuclei and electrons" if file.electron_recoils else "nuclei"
    if file.electron_recoils_missing:
        recoils += f"; electrons not: {file.electron_recoils_missing}"
    return [("likelihood", "poisson"), ("response", response), ("recoils of", recoils)]


def _quenching_facts(file: EnergyFile) -> list[tuple[str, str]]:
    """Return what energy nuclear recoils are seen as."""
    if not isinstance(file, QuenchedRecoilFile):
        return []
    entry = file.quenching
    if isinstance(entry, Lindhard):
        sigma = f" +- {entry.sigma_k:g}" if entry.sigma_k else ""
        text = f"Lindhard, k = {entry.k:g}{sigma}"
    elif isinstance(entry, Polynomial):
        terms = (f"{c:g} T^{n}" for n, c in enumerate(entry.coefficients, 1))
        text = f"E/keV = {' + '.join(terms)}"
    else:
        text = f"{entry.table}, {entry.column}"
    if not isinstance(entry, Lindhard) and entry.up:
        text += f", with nuisances {', '.join(entry.up)}"
    recoils = "nuclei and electrons" if file.electron_recoils else "nuclei"
    return [("quenching", text), ("recoils of", recoils)]


def _seen_facts(file: EnergyFile) -> list[tuple[str, str]]:
    """Return with what chance recoils are seen, and where."""
    if file.response is not None:
        text = f"P(bin | true energy) from {file.response.table}"
        source = file.response.source
        return [("response", text + (f" ({source})" if source else ""))]
    assert file.efficiency is not None
    seen = f"{file.efficiency.table}, of {file.efficiency.energy} energy"
    return [("efficiency", seen), _smearing_fact(file)]


def _smearing_fact(file: EnergyFile) -> tuple[str, str]:
    """Return how the reconstructed energy spreads."""
    if file.reconstruction is not None:
        source = file.reconstruction.source
        text = f"mean and width from {file.reconstruction.table}, of true energy"
        return "reconstruction", text + (f" ({source})" if source else "")
    if file.resolution is None:
        return "resolution", "none"
    terms = zip(file.resolution.coefficients, file.resolution.powers, strict=True)
    parts = [f"{c:g} E^{p:g}" for c, p in terms]
    text = f"sigma/keV = {' + '.join(parts)}"
    if file.resolution.in_quadrature:
        text = f"sigma/keV = root of {' + '.join(f'({part})^2' for part in parts)}"
    return "resolution", text + (f" ({file.resolution.source})" if file.resolution.source else "")


def _short(path: Path) -> str:
    for kind in ("data", "models"):
        folder = packaged_folder(kind)
        if path.is_relative_to(folder):
            return f"{kind}/{path.relative_to(folder)}"
    return str(path)
