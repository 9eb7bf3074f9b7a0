"""A HEPData submission: ``submission.yaml`` and one YAML file for each table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.files.whole import write_text
from bayesnu.output.names import file_name
from bayesnu.output.tables.exported import curve_of, density_of, limits_of, stem_of
from bayesnu.results.limit import Limit
from bayesnu.saved.runs import SavedRun
from bayesnu.types import Interval

if TYPE_CHECKING:
    from bayesnu.results.sensitivity import Sensitivity

LICENCE = {
    "name": "CC0-1.0",
    "url": "https://creativecommons.org/publicdomain/zero/1.0/",
    "description": "Public domain dedication: the licence under which HEPData publishes tables.",
}

REACTIONS = {"electron-recoil": "NU E- --> NU E-", "nuclear-recoil": "NU XE --> NU XE"}
"""HEPData's way to write elastic scattering, by the channel of an experiment."""

LONGEST_NAME = 64
"""Of a table, as the schema of submissions has it."""


@dataclass(frozen=True)
class HepTable:
    """A table of a submission.

    Attributes
    ----------
    name, description : str
    observables, phrases : tuple of str
        Keywords.
    independent, dependent : tuple of dict
        As HEPData writes variables.
    """

    name: str
    description: str
    observables: tuple[str, ...]
    phrases: tuple[str, ...]
    independent: tuple[dict[str, Any], ...]
    dependent: tuple[dict[str, Any], ...]


def write_hepdata(run: SavedRun, folder: Path) -> list[Path]:
    """Write a submission: limits, curves, posteriors, regions, exclusion planes, sensitivities.

    Published limits are not in it: they are not results of the run.

    Raises
    ------
    InputError
        If PyYAML (the extra ``hepdata``) is not installed.
    """
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError:
        raise InputError(
            "--format hepdata", "PyYAML", found="not installed", expected="bayesnu[hepdata]"
        ) from None
    tables = _named(list(tables_of(run)))
    documents: list[dict[str, Any]] = [{"comment": _comment(run)}]
    reactions = _reactions(run)
    written = []
    for table in tables:
        file = f"{file_name(table.name)}.yaml"
        documents.append(
            {
                "name": table.name,
                "description": table.description,
                "keywords": [
                    {"name": "reactions", "values": reactions},
                    {"name": "observables", "values": list(table.observables)},
                    {"name": "phrases", "values": list(table.phrases)},
                ],
                "data_file": file,
                "data_license": dict(LICENCE),
            }
        )
        data = {
            "independent_variables": list(table.independent),
            "dependent_variables": list(table.dependent),
        }
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
        written.append(write_text(folder / file, text))
    text = yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=100)
    return [write_text(folder / "submission.yaml", text), *written]


def tables_of(run: SavedRun) -> Iterator[HepTable]:
    """Yield the tables of a run."""
    for fit, limit in limits_of(run):
        yield _limits(limit)
        curve, density = curve_of(fit), density_of(fit)
        if curve is not None:
            yield HepTable(
                f"Delta chi2 of {stem_of(fit)}",
                f"Delta chi2 of {limit.parameter}, all other parameters at their best, from "
                f"{' + '.join(limit.experiments)} ({limit.fit}).",
                ("DELTA CHI2",),
                _phrases(limit.signal),
                (_variable(limit.parameter, limit.unit, curve.x),),
                (_variable("Delta chi2", "", curve.y, _qualifiers(limit)),),
            )
        if density is not None and limit.bayesian is not None:
            yield HepTable(
                f"Posterior of {stem_of(fit)}",
                f"Marginal posterior density of {limit.parameter} from "
                f"{' + '.join(limit.experiments)} ({limit.fit}); prior: {limit.bayesian.prior}.",
                ("POSTERIOR DENSITY",),
                _phrases(limit.signal),
                (_bins(limit.parameter, limit.unit, density.edges),),
                (
                    _variable(
                        "posterior density",
                        f"1 / ({limit.unit})",
                        density.height,
                        [*_qualifiers(limit), ("prior", "", limit.bayesian.prior)],
                    ),
                ),
            )
    yield from _scans(run)


def _limits(limit: Limit) -> HepTable:
    """Return the table of a limit: rows are intervals, columns the ends of each statement."""
    statements: list[tuple[str, Sequence[Interval], list[tuple[str, str, Any]]]] = []
    if limit.frequentist is not None:
        f = limit.frequentist
        more = [("dof", "", f.dof), ("Delta chi2 threshold", "", round(f.threshold, 4))]
        statements.append(("profile", f.intervals, more))
    if limit.bayesian is not None:
        b = limit.bayesian
        statements.append(("credible", b.intervals, [("prior", "", b.prior)]))
    rows = max(len(found) for _, found, _ in statements)
    dependent = []
    for name, found, more in statements:
        padded = [*found, *[(None, None)] * (rows - len(found))]
        for side, end in enumerate(("lower", "upper")):
            values = [interval[side] for interval in padded]
            if all(x is None for x in values):
                continue
            qualifiers = [*_qualifiers(limit), *more]
            head = f"{limit.parameter}, {name}, {end} end"
            dependent.append(_variable(head, limit.unit, values, qualifiers))
    return HepTable(
        f"Limits on {limit.parameter}",
        f"{100 * limit.level:g}% limits on {limit.parameter} ({limit.signal}, {limit.fit}) from "
        f"{' + '.join(limit.experiments)}: from the Delta chi2 profile, and credible. A side "
        "without a limit is '-'.",
        ("LIMIT",),
        _phrases(limit.signal),
        (_variable("interval", "", list(range(1, rows + 1))),),
        tuple(dependent),
    )


def _scans(run: SavedRun) -> Iterator[HepTable]:
    for curves in run.profiles.values():
        for c in curves:
            yield HepTable(
                f"Delta chi2 of {c.parameter}, {c.label}",
                f"Delta chi2 of {c.parameter} ({c.signal}, {c.fit}) from {c.label}.",
                ("DELTA CHI2",),
                _phrases(c.signal),
                (_variable(c.parameter, c.unit, c.values),),
                (_variable("Delta chi2", "", c.delta_chi2, [("experiments", "", c.label)]),),
            )
    for regions in run.contours.values():
        for r in regions:
            x, y = np.meshgrid(r.x, r.y)
            cuts = ", ".join(
                f"{100 * level:g}%: {entry.cut:.4g}"
                for level, entry in zip(r.levels, r.contours, strict=True)
            )
            yield HepTable(
                f"Region of {' and '.join(r.parameters)}, {r.label}",
                f"Delta chi2 of {' and '.join(r.parameters)} ({r.signal}, {r.fit}) from "
                f"{r.label}; the regions are where it is below the threshold for {r.dof} dof "
                f"({cuts}).",
                ("DELTA CHI2",),
                _phrases(r.signal),
                (
                    _variable(r.parameters[0], r.units[0], x.ravel()),
                    _variable(r.parameters[1], r.units[1], y.ravel()),
                ),
                (
                    _variable(
                        "Delta chi2",
                        "",
                        np.ravel(r.delta_chi2),
                        [
                            ("experiments", "", r.label),
                            ("dof", "", r.dof),
                            ("thresholds", "", cuts),
                        ],
                    ),
                ),
            )
    for plane in run.exclusions.values():
        label = " + ".join(plane.experiments)
        common: list[tuple[str, str, Any]] = [
            ("experiments", "", label),
            ("level", "%", round(100 * plane.level, 6)),
        ]
        columns: list[tuple[str, Sequence[float | None], list[tuple[str, str, Any]]]] = [
            ("profile", plane.upper, [("dof", "", plane.dof)]),
            ("credible", plane.credible, [("prior", "", plane.prior)]),
        ]
        yield HepTable(
            f"Exclusion of {plane.coupling} against {plane.mass}",
            f"{100 * plane.level:g}% upper limits on {plane.coupling} with {plane.mass} held "
            f"fixed ({plane.signal}) from {label}. '-': {plane.why_no_limit}.",
            ("LIMIT",),
            _phrases(plane.signal),
            (_variable(plane.mass, plane.mass_unit, plane.masses),),
            tuple(
                _variable(f"{plane.coupling}, {name}, upper end", plane.unit, ends, common + more)
                for name, ends, more in columns
                if any(end is not None for end in ends)
            ),
        )

    for found in run.sensitivities.values():
        yield _sensitivity(found)


def _sensitivity(found: Sensitivity) -> HepTable:
    """Return expected limits against exposure; the band is that of the upper end."""
    points = found.points
    common: list[tuple[str, str, Any]] = [
        ("experiments", "", found.experiment),
        ("level", "%", round(100 * found.level, 6)),
    ]
    dependent = []
    for name, limits in (
        ("profile", [point.frequentist for point in points]),
        ("credible", [point.bayesian for point in points]),
    ):
        for side, word in ((0, "lower"), (-1, "upper")):
            ends = [limit and limit.intervals[side][side] for limit in limits]
            if any(end is not None for end in ends):
                head = f"{found.parameter}, {name}, {word} end"
                dependent.append(_variable(head, found.unit, ends, common))
    bands = [point.band for point in points]
    for place, quantile in enumerate(next((b.quantiles for b in bands if b is not None), ())):
        ends = [b.upper[place] if b is not None and b.upper is not None else None for b in bands]
        if any(end is not None for end in ends):
            more = [*common, ("quantile of toys", "%", round(100 * quantile, 6))]
            head = f"{found.parameter}, profile, upper end of toys"
            dependent.append(_variable(head, found.unit, ends, more))
    return HepTable(
        f"Sensitivity to {found.parameter}, {found.experiment}",
        f"Expected {100 * found.level:g}% limits on {found.parameter} ({found.signal}) from "
        f"{found.experiment} against its exposure, from expected counts; '-': no limit.",
        ("LIMIT",),
        _phrases(found.signal),
        (_variable("exposure", "t yr", [point.exposure for point in points]),),
        tuple(dependent),
    )


def _variable(
    name: str, unit: str, values: Any, qualifiers: Sequence[tuple[str, str, Any]] = ()
) -> dict[str, Any]:
    """Return a variable as HEPData writes it."""
    header = {"name": name, **({"units": unit} if unit else {})}
    plain = values.tolist() if hasattr(values, "tolist") else list(values)
    result: dict[str, Any] = {"header": header}
    if qualifiers:
        result["qualifiers"] = [
            {"name": key, "value": value, **({"units": units} if units else {})}
            for key, units, value in qualifiers
        ]
    result["values"] = [{"value": "-" if value is None else value} for value in plain]
    return result


def _bins(name: str, unit: str, edges: Any) -> dict[str, Any]:
    """Return a binned independent variable."""
    pairs = zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return {
        "header": {"name": name, **({"units": unit} if unit else {})},
        "values": [{"low": low, "high": high} for low, high in pairs],
    }


def _qualifiers(limit: Limit) -> list[tuple[str, str, Any]]:
    return [
        ("experiments", "", " + ".join(limit.experiments)),
        ("signal", "", limit.signal),
        ("fit", "", limit.fit),
        ("level", "%", round(100 * limit.level, 6)),
        *((name, limit.fixed_units.get(name, ""), value) for name, value in limit.fixed.items()),
    ]


def _phrases(signal: str) -> tuple[str, ...]:
    return ("solar neutrinos", "neutrino electromagnetic properties", signal.replace("-", " "))


def _reactions(run: SavedRun) -> list[str]:
    """Return the reactions of the run's experiments; all where the channel is not saved."""
    channels = {
        experiment.facts.get("channel", "").partition(" ")[0]
        for fit in run.fits
        if fit.record is not None
        for experiment in fit.record.experiments
    }
    return [text for key, text in REACTIONS.items() if key in channels] or [*REACTIONS.values()]


def _comment(run: SavedRun) -> str:
    text = run.info.description if run.info is not None and run.info.description else ""
    return " ".join(f"{run.title}. {text} Made with bayesnu.".split())


def _named(tables: list[HepTable]) -> list[HepTable]:
    """Return tables with names that are short enough and all different."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    result = []
    for table in tables:
        name = table.name[: LONGEST_NAME - 5]
        seen[name] = seen.get(name, 0) + 1
        more = f" ({seen[name]})" if seen[name] > 1 else ""
        result.append(replace(table, name=name + more))
    return result
