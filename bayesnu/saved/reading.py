"""Read the results that steps have written, each checked against the form it must have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bayesnu.errors import InputError
from bayesnu.files.checked_json import checked, read_json
from bayesnu.results.comparison import Comparison
from bayesnu.results.curve import Profile
from bayesnu.results.exclusion import Exclusion
from bayesnu.results.limit import Limit
from bayesnu.results.record import Record
from bayesnu.results.region import Contour
from bayesnu.results.sensitivity import Sensitivity
from bayesnu.saved.first_edition import curve_as_now, with_symbols
from bayesnu.types import Array

SPLINE = 4
"""Points that a cubic spline needs, from which lines are found."""


def read_record(path: Path) -> Record:
    """Read a record.json."""
    found = read_json(path, "a record.json of `bayesnu limit`")
    if isinstance(found, dict) and isinstance(found.get("curve"), dict):
        curve = curve_as_now(found["curve"], found.get("limit"))
        found = {**found, "curve": _with_intervals(curve)}
    record = checked(Record, found, path)
    if record.curve is not None:
        _same_shape(record.curve.delta_chi2, record.curve.values.shape, path)
    return record


def read_limit(path: Path) -> Limit:
    """Read the limit in a limit.json."""
    return checked(Limit, _results(path, "a limit.json")[0], path)


def read_profiles(path: Path) -> tuple[Profile, ...]:
    """Read the curves in a profile.json."""
    found = tuple(checked(Profile, _with_intervals(entry), path) for entry in _results(path))
    for curve in found:
        _same_shape(curve.delta_chi2, curve.values.shape, path)
    return found


def read_contours(path: Path) -> tuple[Contour, ...]:
    """Read the maps in a contour.json; their lines are found again from them."""
    found = tuple(checked(Contour, _with_cuts(entry), path) for entry in _results(path))
    for region in found:
        _same_shape(region.delta_chi2, (len(region.y), len(region.x)), path)
        if len(region.levels) != len(region.cuts):
            raise InputError(
                path,
                "levels",
                found=len(region.levels),
                expected=f"{len(region.cuts)}, as contours",
            )
        for axis in (region.x, region.y):
            if axis.ndim != 1 or len(axis) < SPLINE or (np.diff(axis) <= 0).any():
                raise InputError(path, "x, y", found="no grid", expected="ascending numbers")
    return found


def read_exclusion(path: Path) -> Exclusion:
    """Read the plane in an exclusion.json."""
    return with_symbols(checked(Exclusion, _results(path)[0], path))


def read_sensitivity(path: Path) -> Sensitivity:
    """Read a sensitivity.json."""
    return checked(Sensitivity, _results(path)[0], path)


def read_comparison(path: Path) -> Comparison:
    """Read a compare.json."""
    found = checked(Comparison, _results(path, "a compare.json of `bayesnu compare`")[0], path)
    _same_shape(found.delta_chi2, found.values.shape, path)
    for part in found.parts:
        _same_shape(part.delta_chi2, part.values.shape, path)
    return found


def _same_shape(values: Array, shape: tuple[int, ...], path: Path) -> None:
    if values.shape != shape:
        raise InputError(path, "delta_chi2", found=values.shape, expected=f"shape {shape}")


def _results(path: Path, expected: str = "results of `bayesnu run`") -> list[Any]:
    found = read_json(path, expected)
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list) or not results:
        raise InputError(path, "results", found="no results", expected=expected)
    return results


def _with_intervals(entry: Any) -> Any:
    """In files those at the threshold; in Python, a method that finds them at any cut."""
    return {**entry, "below": entry.get("intervals")} if isinstance(entry, dict) else entry


def _with_cuts(entry: Any) -> Any:
    if not isinstance(entry, dict) or not isinstance(entry.get("contours"), list):
        return entry
    cuts = [one.get("cut") for one in entry["contours"] if isinstance(one, dict)]
    return {**entry, "cuts": cuts}
