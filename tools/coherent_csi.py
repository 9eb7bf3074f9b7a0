"""Write data/coherent-csi-2021 from the ancillary files of arXiv:2110.07730.

`python tools/coherent_csi.py FOLDER`: counts, steady-state background and beam neutrons in bins of
photoelectrons and time, and the efficiencies by photoelectrons and by time. Quenching and smearing
stand in models/coherent-csi-2021.toml.
"""

import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data" / "coherent-csi-2021"
SOURCE = "COHERENT, Phys. Rev. Lett. 129 (2022) 081801, arXiv:2110.07730"

PHOTOELECTRONS = np.array([0, 8, 12, 16, 20, 24, 32, 40, 50, 60.0])
TIMES_US = np.array(
    [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6.0]
)
FINE_US = np.linspace(0.0, 6.0, 4801)
ROWS_PE = np.arange(4.0, 60.01, 0.25)
"""Where the efficiency by photoelectrons is written down, and where it begins."""


def time_efficiency(time: np.ndarray) -> np.ndarray:
    """Return the efficiency of the cut on what came before, by time in us."""
    return np.where(time < 0.52, 1.0, np.exp(-0.0494 * (time - 0.52)))


def coefficients(path: Path) -> list[tuple[float, ...]]:
    """Return the rows of numbers of a file of coefficients."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return [tuple(map(float, row)) for row in rows if row and row[0] != "#"]


def efficiency(photoelectrons: np.ndarray, a: float, b: float, c: float, d: float) -> np.ndarray:
    """Return eff_E of the release, not below zero."""
    return np.maximum(a / (1 + np.exp(-b * (photoelectrons - c))) + d, 0.0)


def first(a: float, b: float, c: float, d: float) -> float:
    """Return the photoelectrons at which eff_E begins."""
    return c - np.log(-a / d - 1) / b


def head(title: str, trust: str, *notes: str) -> list[str]:
    """Return the header of a table."""
    lines = [f"# title: {title}", f"# source: {SOURCE}", f"# trust: {trust}"]
    return lines + [f"# note: {note}" for note in notes]


def write(name: str, lines: list[str]) -> None:
    """Write a table."""
    (DATA / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def in_time(density: np.ndarray) -> np.ndarray:
    """Return shares in the bins of time of a density on the middles of `FINE_US`, accepted."""
    middle = 0.5 * (FINE_US[1:] + FINE_US[:-1])
    accepted = density * time_efficiency(middle)
    shares = np.add.reduceat(accepted, np.searchsorted(middle, TIMES_US[:-1]))
    return shares / shares.sum()


def beam_neutrons(folder: Path, name: str, events: float) -> np.ndarray:
    """Return the events of neutrons in bins: energy and time are independent."""
    energy, time = (np.loadtxt(folder / f"{name}{axis}.txt") for axis in ("PE", "Trec"))
    shape = np.histogram(energy[:, 0], PHOTOELECTRONS, weights=energy[:, 1])[0]
    middle = 0.5 * (FINE_US[1:] + FINE_US[:-1])
    arriving = in_time(np.interp(middle, time[:, 0], time[:, 1]))
    return events * np.outer(shape / shape.sum(), arriving)


def main() -> None:
    """Write all tables."""
    folder = Path(sys.argv[1])
    DATA.mkdir(exist_ok=True)
    beam, off = (np.loadtxt(folder / f"dataBeamOn{window}.txt") for window in ("C", "AC"))
    counts = np.histogram2d(*beam.T, (PHOTOELECTRONS, TIMES_US))[0]
    steady = np.histogram(off[off[:, 1] < TIMES_US[-1], 0], PHOTOELECTRONS)[0]
    columns = {
        "counts": counts,
        "steady_state": np.outer(steady, in_time(np.ones(len(FINE_US) - 1))),
        "beam_neutrons": beam_neutrons(folder, "brn", 18.4),
        "neutrino_neutrons": beam_neutrons(folder, "nin", 5.6),
    }
    lines = head(
        "Events in bins of photoelectrons and time, and expected backgrounds",
        "derived",
        "By tools/coherent_csi.py from the release's events. steady_state: those of the",
        "anti-coincident window in a bin of photoelectrons, spread in time as the efficiency is.",
        "Neutrons of the beam (18.4 +- 25%) and of neutrinos in lead (5.6 +- 36%): the release's",
        "shapes in energy and time.",
    )
    names = ("pe_low", "pe_high", "time_low_us", "time_high_us", "pe_bin")
    lines.append(",".join((*names, *columns)))
    for row in range(len(PHOTOELECTRONS) - 1):
        for column in range(len(TIMES_US) - 1):
            where = (*PHOTOELECTRONS[row : row + 2], *TIMES_US[column : column + 2], row)
            values = [f"{value[row, column]:.6g}" for value in columns.values()]
            lines.append(",".join([f"{edge:g}" for edge in where] + values))
    write("counts.csv", lines)

    lines = head(
        "Efficiency by time after the protons",
        "official",
        "1 up to 0.52 us, exp(-0.0494 (t / us - 0.52)) after: at most one event a window.",
    )
    times = np.unique(np.append(np.linspace(0.52, 6.0, 138), [0.0, 6.5]))
    lines += ["time_us,efficiency"]
    lines += [f"{t:.6g},{e:.6g}" for t, e in zip(times, time_efficiency(times), strict=True)]
    write("time_efficiency.csv", lines)

    curves = coefficients(folder / "effCoefficients.txt")
    lines = head(
        "Efficiency by photoelectrons",
        "official",
        "a / (1 + exp(-b (n - c))) + d of the release, not below zero; up and down one sigma.",
    )
    rows = np.unique(np.append(ROWS_PE, [first(*curve) for curve in curves]))
    values = [efficiency(rows, *curve) for curve in curves]
    lines += ["photoelectrons,efficiency,up,down"]
    lines += [",".join(f"{v:.6g}" for v in row) for row in zip(rows, *values, strict=True)]
    write("efficiency.csv", lines)


if __name__ == "__main__":
    main()
