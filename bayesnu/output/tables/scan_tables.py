"""The tables of scans: curves, regions, exclusion planes, expected limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bayesnu.output.tables.table import Cell, Column, Statement, Table, delta_chi2
from bayesnu.results.curve import Profile
from bayesnu.results.exclusion import Exclusion
from bayesnu.results.limit import CredibleLimit, FrequentistLimit
from bayesnu.results.region import Contour
from bayesnu.results.sensitivity import Sensitivity
from bayesnu.results.symbol import safe_symbol
from bayesnu.types import Interval


def profile_table(stem: str, curve: Profile) -> Table:
    """Return a Delta chi2 curve."""
    latex, values = safe_symbol(curve.latex, curve.parameter), tuple(curve.values.tolist())
    return Table(
        f"profile_{stem}",
        f"Delta chi2 of {curve.parameter}, {curve.label}",
        f"Delta chi2 of {curve.parameter} ({curve.signal}, {curve.fit}) from {curve.label}.",
        curve.signal,
        (
            Column(curve.parameter, values, curve.unit, latex=latex, axis=True),
            delta_chi2(curve.delta_chi2.tolist()),
        ),
        notes={"experiments": curve.label},
        keys=("experiments",),
        observable="DELTA CHI2",
    )


def contour_tables(stem: str, region: Contour) -> Iterator[Table]:
    """Yield the map of a region, and its boundary at each level."""
    what = f"{' and '.join(region.parameters)}, {region.label}"
    said = f"{' and '.join(region.parameters)} ({region.signal}, {region.fit}) from {region.label}"
    cuts = ", ".join(
        f"{100 * level:g}%: {cut:.4g}"
        for level, cut in zip(region.levels, region.cuts, strict=True)
    )

    def axes(x: Sequence[float], y: Sequence[float]) -> tuple[Column, Column]:
        a, b = (
            Column(name, tuple(values), unit, latex=safe_symbol(latex, name), axis=True)
            for name, values, unit, latex in zip(
                region.parameters, (x, y), region.units, region.latex, strict=True
            )
        )
        return a, b

    grid = [(x, y) for y in region.y.tolist() for x in region.x.tolist()]
    yield Table(
        f"contour_map_{stem}",
        f"Region of {what}",
        f"Delta chi2 of {said}; the regions are where it is below the threshold for "
        f"{region.dof} dof ({cuts}).",
        region.signal,
        (
            *axes([x for x, _ in grid], [y for _, y in grid]),
            delta_chi2(region.delta_chi2.ravel().tolist()),
        ),
        notes={"experiments": region.label, "dof": region.dof, "thresholds": cuts},
        keys=("experiments",),
        observable="DELTA CHI2",
    )
    for level, cut in zip(region.levels, region.cuts, strict=True):
        lines = [line.tolist() for line in region.lines(cut)]
        points = [(number, *point) for number, line in enumerate(lines) for point in line]
        if not points:
            continue
        numbers = Column("line", tuple(number for number, *_ in points), axis=True)
        yield Table(
            f"contour_lines_{stem}",
            f"{100 * level:g}% line of {what}",
            f"Where Delta chi2 of {said} is {cut:.4g}: {100 * level:g}%, {region.dof} dof.",
            region.signal,
            (numbers, *axes([x for _, x, _ in points], [y for *_, y in points])),
            notes={
                "experiments": region.label,
                "level": level,
                "threshold": cut,
                "dof": region.dof,
            },
            keys=("experiments", "level", "threshold"),
        )


def exclusion_table(stem: str, plane: Exclusion) -> Table:
    """Return limits on a coupling against a mass."""
    label, of = " + ".join(plane.experiments), plane.coupling
    symbol, mass = safe_symbol(plane.latex, of), safe_symbol(plane.mass_latex, plane.mass)

    def end(
        name: str, words: str, ends: tuple[float | None, ...], notes: dict[str, Cell]
    ) -> Column:
        words = f"{words}, upper end"
        return Column(f"{name} {of}", ends, plane.unit, of, words, symbol, notes=notes)

    return Table(
        f"exclusion_{stem}",
        f"Exclusion of {of} against {plane.mass}",
        f"{100 * plane.level:g}% upper limits on {of} with {plane.mass} held fixed "
        f"({plane.signal}) from {label}; Delta chi2 < {plane.threshold:.3f}, {plane.dof} dof. "
        f"Without a number {plane.why_no_limit}.",
        plane.signal,
        (
            Column(plane.mass, plane.masses, plane.mass_unit, latex=mass, axis=True),
            end("upper", "profile", plane.upper, {"dof": plane.dof}),
            end("credible", "credible", plane.credible, {"prior": plane.prior}),
        ),
        notes={"experiments": label, "signal": plane.signal, "level": plane.level},
        to_read=True,
    )


def sensitivity_tables(stem: str, found: Sensitivity) -> Iterator[Table]:
    """Yield expected limits against exposure, and the bands of toys."""
    points = found.points
    exposure = Column("exposure", tuple(p.exposure for p in points), "t yr", axis=True)
    head = (found.parameter, found.unit, safe_symbol(found.latex, found.parameter))
    notes: dict[str, Cell] = {
        "experiments": found.experiment,
        "signal": found.signal,
        "level": found.level,
    }
    profiles, posteriors = [p.frequentist for p in points], [p.bayesian for p in points]
    statements = []
    if (f := next(filter(None, profiles), None)) is not None:
        more: dict[str, Cell] = {"dof": f.dof}
        statements.append(Statement("delta_chi2", "profile", *head, _cells(profiles), more))
    if (b := next(filter(None, posteriors), None)) is not None:
        fine = tuple(one is None or one.fine for one in posteriors)
        more, cells = {"prior": b.prior}, _cells(posteriors)
        errors = tuple(() if one is None else one.intervals_error for one in posteriors)
        statements.append(Statement("credible", "credible", *head, cells, more, fine, errors))
    where = f"on {found.parameter} ({found.signal}) from {found.experiment} against its exposure"
    yield Table(
        f"sensitivity_{stem}",
        f"Sensitivity to {found.parameter}, {found.experiment}",
        f"Expected {100 * found.level:g}% limits {where}, from expected counts.",
        found.signal,
        (exposure,),
        tuple(statements),
        notes,
        to_read=True,
    )
    bands = [p.band for p in points]
    columns = []
    for place, quantile in enumerate(next((b.quantiles for b in bands if b is not None), ())):
        for side in ("lower", "upper"):
            ends = [getattr(b, side) if b is not None else None for b in bands]
            if any(end is not None for end in ends):
                percent = round(100 * quantile, 6)
                columns.append(
                    Column(
                        f"{side} {found.parameter}, {percent:g}% of toys",
                        tuple(end and end[place] for end in ends),
                        found.unit,
                        found.parameter,
                        f"profile, {side} end of toys",
                        head[2],
                        notes={"quantile of toys": percent},
                    )
                )
    if columns:
        yield Table(
            f"sensitivity_bands_{stem}",
            f"Bands of the sensitivity to {found.parameter}, {found.experiment}",
            f"Quantiles of the ends of toys' {100 * found.level:g}% limits {where}.",
            found.signal,
            (exposure, *columns),
            notes=notes,
            to_read=True,
        )


def _cells(
    limits: Sequence[FrequentistLimit | CredibleLimit | None],
) -> tuple[tuple[Interval, ...] | None, ...]:
    return tuple(None if one is None else one.intervals for one in limits)
