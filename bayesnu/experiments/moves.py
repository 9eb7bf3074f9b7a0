"""A detector at some sigma of its nuisances: what a threshold, a scale or a resolution moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from bayesnu.experiments.efficiency import Curve, read_efficiency
from bayesnu.experiments.electron_detector import ElectronDetector, Variation
from bayesnu.experiments.format.electron_recoil import EnergyFile
from bayesnu.experiments.format.nuisances import DetectorNuisance
from bayesnu.experiments.smearing import WIDTHS_IN_REACH, Moved
from bayesnu.files.tables import Table
from bayesnu.likelihood.factors import bent

Move = Callable[[ElectronDetector, float], ElectronDetector]
"""A detector, and how many sigma to move it."""


def with_nuisances(
    detector: ElectronDetector, file: EnergyFile, table: Callable[[str], Table]
) -> ElectronDetector:
    """Return a detector that knows what it is at +1 and -1 sigma of each of its nuisances."""
    moves = {
        name: _move(detector, file, entry, table)
        for name, entry in file.nuisances.items()
        if entry.is_response
    }
    along = {name: {name: 1.0} for name in moves}
    for entry in file.correlations:
        # Cholesky: what is correlated moves together along each of the independent ones.
        for column, name in zip(entry.root.T, entry.names, strict=True):
            along[name] = dict(zip(entry.names, column.tolist(), strict=True))

    def at(name: str, t: float) -> ElectronDetector | float:
        entry = file.nuisances[name]
        if entry.kind == "efficiency" and entry.sigma is not None and along[name] == {name: 1.0}:
            return 1.0 + t * entry.sigma
        return _moved(detector, moves, along[name], t)

    variations = tuple(
        Variation(name, at(name, 1.0), at(name, -1.0), file.nuisances[name].combine == "multiply")
        for name in moves
    )
    return _reaching(replace(detector, variations=variations)) if variations else detector


def _moved(
    detector: ElectronDetector, moves: Mapping[str, Move], along: Mapping[str, float], t: float
) -> ElectronDetector:
    for name, share in along.items():
        if share:
            detector = moves[name](detector, t * share)
    return detector


def _move(
    detector: ElectronDetector,
    file: EnergyFile,
    entry: DetectorNuisance,
    table: Callable[[str], Table],
) -> Move:
    """Return what a nuisance does to a detector."""
    curve = file.efficiency
    if entry.up is not None and entry.down is not None:
        assert curve is not None
        up, down = (
            read_efficiency(table(column.table), curve, column) for column in (entry.up, entry.down)
        )
        return lambda moved, t: _banded(moved, detector.efficiency, up, down, t)
    sigma = entry.sigma
    assert sigma is not None
    if entry.kind == "threshold":
        return lambda moved, t: replace(
            moved, efficiency=(moved.efficiency[0] + t * sigma, moved.efficiency[1])
        )
    if entry.kind == "efficiency":
        return lambda moved, t: replace(
            moved, efficiency=(moved.efficiency[0], moved.efficiency[1] * (1.0 + t * sigma))
        )
    change = {"energy-shift": "shift", "energy-scale": "scale", "resolution": "widen"}[entry.kind]

    def smeared(moved: ElectronDetector, t: float) -> ElectronDetector:
        assert moved.smearing is not None
        by = t * sigma if change == "shift" else 1.0 + t * sigma
        return replace(moved, smearing=Moved(moved.smearing, **{change: by}))

    return smeared


def _banded(
    moved: ElectronDetector, nominal: Curve, up: Curve, down: Curve, t: float
) -> ElectronDetector:
    """Return a detector whose efficiency is changed by what a band says at t sigma."""
    if moved.efficiency is nominal and abs(t) == 1.0:
        return replace(moved, efficiency=up if t > 0.0 else down)
    energy = np.unique(np.concatenate([moved.efficiency[0], nominal[0], up[0], down[0]]))
    own, middle, high, low = (
        np.interp(energy, *curve, left=0.0) for curve in (moved.efficiency, nominal, up, down)
    )
    bend = float(bent(np.array(t)))
    changed = own + 0.5 * t * (high - low) + bend * (0.5 * (high + low) - middle)
    return replace(moved, efficiency=(energy, changed))


def _reaching(detector: ElectronDetector) -> ElectronDetector:
    """Return a detector whose grids reach and resolve what its nuisances move into the bins."""
    lowest, highest = detector.reach
    last = float(detector.edges[-1])
    kinks = [detector.kinks]
    for _, *ends, _ in detector.variations:
        for end in ends:
            if isinstance(end, float):
                continue
            if end.smearing is not None:
                mean, width = (float(v[0]) for v in end.smearing(np.array([last])))
                highest = max(highest, last + max(last - mean, 0.0) + WIDTHS_IN_REACH * width)
            # Where the efficiency begins it may jump.
            kinks.append(end.efficiency[0][:1])
    return replace(detector, reach=(lowest, highest), kinks=np.concatenate(kinks))
