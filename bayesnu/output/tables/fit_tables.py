"""The tables of a fit: its limit, curve, posterior, calibrated cuts, spectra and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bayesnu.output.names import file_name
from bayesnu.output.tables.table import Cell, Column, Statement, Table, delta_chi2
from bayesnu.results.cls import SIGMAS
from bayesnu.results.limit import Limit
from bayesnu.results.record import FittedParameter, Spectrum
from bayesnu.saved.runs import SavedFit
from bayesnu.types import Array, Floats

DENSITY_BINS = 60


def tables_of_fit(fit: SavedFit, limit: Limit) -> Iterator[Table]:
    """Yield the tables of a limit and what is saved beside it."""
    stem = file_name(fit.name.partition("-")[2] or fit.parameter)
    where = f"from {' + '.join(limit.experiments)} ({limit.fit})"
    yield _limit(fit, limit)
    if fit.record is not None and (curve := fit.record.curve) is not None:
        yield Table(
            f"delta_chi2_{stem}",
            f"Delta chi2 of {stem}",
            f"Delta chi2 of {limit.parameter}, all other parameters at their best, {where}.",
            limit.signal,
            (_axis(fit, limit, curve.values.tolist()), delta_chi2(curve.delta_chi2.tolist())),
            observable="DELTA CHI2",
            notes=_notes(limit),
        )
    draws = fit.draws()
    if draws is not None:
        yield _density(stem, fit, limit, draws)
    if limit.calibrated is not None:
        c = limit.calibrated
        cut = Column("cut", c.cuts, "", "cut on Delta chi2", errors=c.cut_errors)
        yield Table(
            f"calibrated_cuts_{stem}",
            f"Calibrated cuts of {stem}",
            f"The cut on Delta chi2 of {limit.parameter} that covers {100 * limit.level:g}% of "
            f"{c.toys} toys at each true value, {where}.",
            limit.signal,
            (_axis(fit, limit, c.values, "true value"), cut),
            observable="DELTA CHI2",
            to_read=True,
            notes=_notes(limit),
        )
    if fit.record is not None:
        for spectrum in fit.record.spectra:
            yield _spectrum(stem, limit, spectrum)
        yield _parameters(stem, limit, fit.record.parameters)


def _limit(fit: SavedFit, limit: Limit) -> Table:
    """Return the table of a limit: one row, in it the intervals of each statement."""
    head = (limit.parameter, limit.unit, fit.latex())
    f, c, b = limit.frequentist, limit.calibrated, limit.bayesian
    statements = []
    if f is not None:
        more = {"dof": f.dof, "Delta chi2 threshold": round(f.threshold, 4)}
        statements.append(Statement("delta_chi2", "profile", *head, (f.intervals,), more))
    if c is not None:
        words, cells = "profile, calibrated cut", (c.intervals,)
        more = {"dof": 1, "toys": c.toys}
        statements.append(Statement("calibrated_delta_chi2", words, *head, cells, more))
    if limit.cls is not None:
        ends = {f"expected at {n:+g} sigma": x for n, x in zip(SIGMAS, limit.cls.band, strict=True)}
        statements.append(Statement("cls", "CLs", *head, (((None, limit.cls.limit),),), ends))
    if b is not None:
        said = {"prior": b.prior}
        cells, fine, errors = (b.intervals,), (b.fine,), (b.intervals_error,)
        statements.append(Statement("credible", "credible", *head, cells, said, fine, errors))
    return Table(
        "limits",
        f"Limits on {limit.parameter}",
        f"{100 * limit.level:g}% limits on {limit.parameter} ({limit.signal}, {limit.fit}) from "
        f"{' + '.join(limit.experiments)}: from the Delta chi2 profile, and credible.",
        limit.signal,
        (),
        tuple(statements),
        {**_notes(limit), "parameter": limit.parameter, "unit": limit.unit},
        ("experiments", "signal", "parameter", "unit", "fit", "level"),
        to_read=True,
    )


def _density(stem: str, fit: SavedFit, limit: Limit, draws: Array) -> Table:
    height, edges = np.histogram(draws, bins=DENSITY_BINS, density=True)
    prior = {"prior": limit.bayesian.prior} if limit.bayesian is not None else {}
    bins = _axis(fit, limit, edges[:-1].tolist(), high=edges[1:].tolist())
    return Table(
        f"posterior_{stem}",
        f"Posterior of {stem}",
        f"Marginal posterior density of {limit.parameter} from {' + '.join(limit.experiments)} "
        f"({limit.fit})" + "".join(f"; prior: {words}" for words in prior.values()) + ".",
        limit.signal,
        (
            bins,
            Column("density", tuple(height.tolist()), f"1 / ({limit.unit})", "posterior density"),
        ),
        notes={**_notes(limit), **prior},
        observable="POSTERIOR DENSITY",
    )


def _spectrum(stem: str, limit: Limit, spectrum: Spectrum) -> Table:
    name, _, unit = spectrum.axis.partition(" [")
    edges = tuple(spectrum.edges.tolist())
    columns = [
        Column(name, edges[:-1], unit.rstrip("]"), high=edges[1:], axis=True),
        Column("observed", _plain(spectrum.observed), errors=_plain(spectrum.sigma) or None),
        *(
            Column(key, _plain(counts), quantity=spectrum.labels.get(key, key), words="fitted")
            for key, counts in spectrum.components.items()
        ),
    ]
    if spectrum.overlay is not None:
        columns.append(Column("with signal at its limit", _plain(spectrum.overlay)))
    return Table(
        f"spectrum_{stem}_{file_name(spectrum.experiment)}",
        f"Spectrum of {spectrum.experiment}, {stem}",
        f"Events in each bin of {spectrum.title}: data and the fitted components, from the fit of "
        f"{limit.parameter} ({limit.signal}, {limit.fit}) to {' + '.join(limit.experiments)}.",
        limit.signal,
        tuple(columns),
        notes=_notes(limit),
        observable="EVENTS",
    )


def _plain(counts: Array | None) -> Floats:
    return () if counts is None else tuple(counts.tolist())


def _parameters(stem: str, limit: Limit, parameters: Sequence[FittedParameter]) -> Table:
    def column(name: str, attribute: str) -> Column:
        return Column(name, tuple(getattr(p, attribute) for p in parameters))

    return Table(
        f"parameters_{stem}",
        f"Parameters of the fit of {stem}",
        f"All parameters of the fit of {limit.parameter} ({limit.signal}, {limit.fit}) to "
        f"{' + '.join(limit.experiments)}: their priors and where chi2 is smallest.",
        limit.signal,
        (
            Column("name", tuple(p.name for p in parameters), axis=True),
            column("role", "role"),
            column("unit", "unit"),
            column("prior", "prior"),
            column("best fit", "best_fit"),
            column("pull", "pull"),
        ),
        notes=_notes(limit),
        observable="PARAMETERS",
    )


def _notes(limit: Limit) -> dict[str, Cell]:
    return {
        "experiments": " + ".join(limit.experiments),
        "signal": limit.signal,
        "fit": limit.fit,
        "level": limit.level,
    }


def _axis(
    fit: SavedFit,
    limit: Limit,
    values: Sequence[float],
    words: str = "",
    high: Sequence[float] | None = None,
) -> Column:
    upper = None if high is None else tuple(high)
    return Column(
        limit.parameter,
        tuple(values),
        limit.unit,
        words=words,
        latex=fit.latex(),
        high=upper,
        axis=True,
    )
