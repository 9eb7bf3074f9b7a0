"""Write data/coherent-lar-2020 from the release of arXiv:2006.12659, Analysis A.

`python tools/coherent_lar.py FOLDER`: counts and templates in the release's bins of energy, pulse
shape (F90) and time, and the efficiency by energy. Quenching and resolution stand in
models/coherent-lar-2020.toml.
"""

import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data" / "coherent-lar-2020"
SOURCE = "COHERENT, Phys. Rev. Lett. 126 (2021) 012002, arXiv:2003.10630; release arXiv:2006.12659"

TEMPLATES = {
    "counts": "datanobkgsub",
    "coherent": "cevnspdf",
    "coherent_f90_up": "SystErrors/cevnspdf+1sigF90",
    "coherent_f90_down": "SystErrors/cevnspdf-1sigF90",
    "coherent_time_up": "SystErrors/cevnspdfCEvNSTimingMeanSyst",
    "steady_state": "bkgpdf",
    "neutrons": "brnpdf",
    "neutrons_energy_up": "SystErrors/brnpdf+1sigEnergy",
    "neutrons_energy_down": "SystErrors/brnpdf-1sigEnergy",
    "neutrons_time_up": "SystErrors/brnpdf+1sigBRNTimingMean",
    "neutrons_time_down": "SystErrors/brnpdf-1sigBRNTimingMean",
    "neutrons_width_up": "SystErrors/brnpdfBRNTimingWidthSyst",
    "delayed_neutrons": "delbrnpdf",
}
ONE_SIDED = {"coherent_time": "coherent", "neutrons_width": "neutrons"}
"""Given at one sigma on one side: the other is its mirror image, not below zero."""


def head(title: str, trust: str, *notes: str) -> list[str]:
    """Return the header of a table."""
    lines = [f"# title: {title}", f"# source: {SOURCE}", f"# trust: {trust}"]
    return lines + [f"# note: {note}" for note in notes]


def write(name: str, lines: list[str]) -> None:
    """Write a table."""
    (DATA / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_bins(folder: Path) -> None:
    """Write counts and templates."""
    read = {name: np.loadtxt(folder / f"{file}.txt") for name, file in TEMPLATES.items()}
    centres = read["counts"][:, :3]
    values = {}
    for name, table in read.items():
        assert (table[:, :3] == centres).all()
        values[name] = table[:, 3]
    for name in values:
        nominal = next((n for n in ("coherent", "neutrons") if name.startswith(f"{n}_")), None)
        if nominal is not None:  # shapes: the norm is another nuisance
            values[name] = values[name] * (values[nominal].sum() / values[name].sum())
    for name, nominal in ONE_SIDED.items():
        mirrored = np.maximum(2 * values[nominal] - values[f"{name}_up"], 0.0)
        values[f"{name}_down"] = mirrored * (values[nominal].sum() / mirrored.sum())
    lines = head(
        "Events and templates in bins of energy, pulse shape and time, Analysis A",
        "official",
        "960 bins: 12 of 10 keV of electrons, 8 of 0.05 in F90, 10 of 0.5 us. Templates at one",
        "sigma are scaled to the events of the nominal one. Those of the width of the neutrons and",
        "of the time of coherent scattering are given on one side, and mirrored.",
    )
    where = ("energy_low_keV", "f90_low", "time_low_us", "energy_bin")
    lines.append(",".join((*where, *values)))
    for row, (energy, f90, time) in enumerate(centres):
        low = (energy - 5, f90 - 0.025, time - 0.25, (energy - 5) / 10)
        cells = [f"{v:.4g}" for v in low] + [f"{value[row]:.6g}" for value in values.values()]
        lines.append(",".join(cells))
    write("bins.csv", lines)


def write_efficiency(folder: Path) -> None:
    """Write the efficiency by reconstructed energy."""
    centre, _, efficiency = np.loadtxt(folder / "CENNS10AnlAEfficiency.txt").T
    lines = head("Efficiency by energy of electrons, Analysis A", "official", "At centres of bins.")
    lines += ["energy_keV,efficiency"]
    lines += [f"{e:g},{value:.6g}" for e, value in zip(centre, efficiency, strict=True)]
    write("efficiency.csv", lines)


def main() -> None:
    """Write all tables."""
    folder = Path(sys.argv[1])
    DATA.mkdir(exist_ok=True)
    write_bins(folder)
    write_efficiency(folder)


if __name__ == "__main__":
    main()
