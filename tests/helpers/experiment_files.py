"""Names of the packaged experiments, and a user's own experiment in three small files."""

from pathlib import Path

CURRENT = (
    "xenonnt-2022-er",
    "lz-2022-er",
    "pandax4t-2022-er",
    "lz-2024-er",
    "pandax4t-2024-er",
)
VARIANTS = (
    "xenonnt-2022-er@giunti-ternes-2023",
    "xenonnt-2022-er@khan-2022",
    "lz-2022-er@giunti-ternes-2023",
    "lz-2022-er@atzori-corona-2022",
    "lz-2022-er@atzori-corona-2022-ar37",
    "pandax4t-2022-er@giunti-ternes-2023",
)

OWN_MODEL = """\
title = "A toy detector"
channel = "electron-recoil"
exposure_t_yr = 1.0
bins = [{ low_keV = 1.0, high_keV = 11.0, width_keV = 2.0 }]
observed = [{ counts = "counts.csv" }]

[efficiency]
table = "efficiency.csv"
energy = "true"

[resolution]
coefficients = [0.3]
powers = [0.5]

[backgrounds.flat]
flat = true
events = 50
prior = { type = "gaussian", relative_sigma = 0.1 }

[backgrounds.line]
lines = [{ energy_keV = 5.0 }]
events = 10
prior = { type = "flat", events = [0, 40] }
"""
OWN_COUNTS = "low_keV,high_keV,counts\n1,3,12\n3,5,17\n5,7,18\n7,9,11\n9,11,9\n"
OWN_EFFICIENCY = "energy_keV,efficiency\n0.5,0\n1,0.4\n2,0.9\n11,0.9\n"


def write_own(
    folder: Path,
    model: str = OWN_MODEL,
    counts: str = OWN_COUNTS,
    efficiency: str = OWN_EFFICIENCY,
) -> Path:
    """Write a user's own experiment into a folder and return the path of its TOML file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "counts.csv").write_text(counts, encoding="utf-8")
    (folder / "efficiency.csv").write_text(efficiency, encoding="utf-8")
    path = folder / "own.toml"
    path.write_text(model, encoding="utf-8")
    return path
