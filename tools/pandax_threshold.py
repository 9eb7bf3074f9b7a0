"""Draw docs/images/pandax-threshold.png: the PandaX-4T limit against the assumed threshold.

The efficiency of PandaX-4T Run0 near threshold is not public. This moves the curve that stands
in for it by up to 0.4 keV and shows what the limit on the effective magnetic moment does, in the
paper's treatment, as docs/differences.md has it.
"""

import tempfile
from pathlib import Path

import numpy as np

from bayesnu.analyses.scans import profile_scan
from bayesnu.output.plots import style

DOCS = Path(__file__).resolve().parent.parent / "docs"
SHIFTS_KEV = np.linspace(-0.2, 0.4, 13)
FILE = """
extends = "pandax4t-2022-er@giunti-ternes-2023"
[efficiency]
shift_keV = {shift}
"""


def limit_at(folder: Path, shift: float) -> tuple[float, float]:
    """Return the upper limit on mu_eff (1e-11 mu_B) and the best chi2 at a shift."""
    path = folder / f"shift_{shift:.3f}.toml"
    path.write_text(FILE.format(shift=float(shift)), encoding="utf-8")
    curve = profile_scan([path], "magnetic-moment", "mu_eff")
    upper = curve.intervals(2.705543454)[-1][1]
    assert upper is not None
    return upper, curve.chi2_min


def main() -> None:
    """Compute and draw."""
    with tempfile.TemporaryDirectory() as folder:
        rows = np.array([limit_at(Path(folder), shift) for shift in SHIFTS_KEV])
    figure, (top, bottom) = style.figure(5.6, 4.6, nrows=2, sharex=True)
    top.plot(SHIFTS_KEV, rows[:, 0], "o-", color=style.COLOURS[0], label="this package")
    top.axhline(2.83, color=style.SIGNAL, ls="--", label="giunti-ternes-2023")
    top.set_ylabel(style.axis_label(r"\mu_\nu^\mathrm{eff}", "1e-11 mu_B"))
    top.legend()
    bottom.plot(SHIFTS_KEV, rows[:, 1], "o-", color=style.COLOURS[0])
    bottom.set_ylabel(r"$\chi^2$ at the minimum")
    bottom.set_xlabel("shift of the assumed efficiency curve [keV]")
    style.save(figure, DOCS / "images" / "pandax-threshold.png")
    for shift, (upper, chi2) in zip(SHIFTS_KEV, rows, strict=True):
        print(f"{shift:+.2f} keV  mu_eff < {upper:.2f}e-11 mu_B  chi2 {chi2:.1f}")


if __name__ == "__main__":
    main()
