"""Coverage and expected limits as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bayesnu.campaigns.coverage import Coverage, CoveragePoint, Share


def coverage_text(found: Coverage) -> str:
    """Return the coverage at each true value, and below it the limits that toys give."""
    failed = f", {found.fits.failed} fits failed" if found.fits.failed else ""
    head = (
        f"{found.parameter} in {found.unit}, {100 * found.level:g}%, "
        f"{' + '.join(found.experiments)}, {found.signal}: {len(found.fits.index)} toys{failed}"
    )
    titles = ["truth", "toys"]
    if any(point.profile is not None for point in found.points):
        titles += [f"Delta chi2 < {found.cut:.3f} covers", f"cut that covers {found.level:.0%}"]
        titles += ["tested"]
    if any(point.credible is not None for point in found.points):
        titles += ["credible covers"]
    lines = [head, *_aligned([titles, *map(_shares, found.points)])]
    limits = [row for point in found.points for row in _limits(point)]
    if limits:
        lines += _aligned([["truth", "upper limits", "median", "68%", "95%"], *limits])
    return "\n".join(lines)


def _shares(point: CoveragePoint) -> list[str]:
    cells = [f"{point.truth:g}", str(point.toys)]
    if point.profile is not None:
        cells.append(_percent(point.profile))
        cells.append(f"{point.calibrated_cut:.2f} +- {point.calibrated_cut_error:.2f}")
    return cells + [_percent(s) for s in (point.calibrated, point.credible) if s is not None]


def _limits(point: CoveragePoint) -> list[list[str]]:
    rows = []
    for kind, quantiles in (("Delta chi2", point.upper), ("credible", point.credible_upper)):
        if quantiles is not None:
            lowest, low, median, high, highest = (f"{value:.3g}" for value in quantiles)
            bands = [f"{low} to {high}", f"{lowest} to {highest}"]
            rows.append([f"{point.truth:g}", kind, median, *bands])
    return rows


def _percent(found: Share) -> str:
    return f"{100 * found.value:.1f} +- {100 * found.error:.1f}%"


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
