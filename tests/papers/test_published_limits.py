"""Limits against the papers', each with the paper's own treatment."""

import pytest

from bayesnu.files.tables import read_table
from bayesnu.physics.signals import MagneticMoment

NAMES = {"mu_mutau": "mu_mu"}
GIUNTI = "giunti-ternes-2023"


def published(paper: str, location: str, experiment: str) -> dict[str, float]:
    """Return the published upper limits on magnetic moments, 1e-11 mu_B."""
    table = read_table("published/limits.csv")
    columns = ("paper", "location", "experiment", "signal", "parameter", "unit", "upper")
    rows = zip(*(table.text_column(name) for name in columns), strict=True)
    units = {"1e-11 mu_B": 1.0, "1e-12 mu_B": 0.1}
    found = {
        NAMES.get(parameter, parameter): float(upper) * units[unit]
        for p, where, e, signal, parameter, unit, upper in rows
        if (p, where, e, signal) == (paper, location, experiment, MagneticMoment.tag)
    }
    assert found
    return found


def check(upper_limit, names, rows: dict[str, float], tolerance: float) -> None:
    for parameter, value in rows.items():
        ours = upper_limit(names, parameter)
        print(f"{' + '.join(names)}: {parameter} {ours:.3f} (published {value:g})")
        assert ours == pytest.approx(value, rel=tolerance), parameter


@pytest.mark.parametrize("name", ["xenonnt-2022-er", "lz-2022-er"])
def test_giunti_ternes_within_10_percent(upper_limit, name: str) -> None:
    check(upper_limit, [f"{name}@{GIUNTI}"], published(GIUNTI, "Table I", name), 0.10)


def test_giunti_ternes_combination_within_10_percent(upper_limit) -> None:
    names = [f"{n}@{GIUNTI}" for n in ("xenonnt-2022-er", "lz-2022-er", "pandax4t-2022-er")]
    check(upper_limit, names, published(GIUNTI, "Table I", "combined"), 0.10)


def test_pandax_limit_rises_with_its_unpublished_threshold(upper_limit, variant) -> None:
    """The published 2.83 is not met with the available curve: the threshold decides."""
    rows = published(GIUNTI, "Table I", "pandax4t-2022-er")
    parent = f"pandax4t-2022-er@{GIUNTI}"
    limits = [
        upper_limit([variant(parent, f"[efficiency]\nshift_keV = {shift}\n")])
        for shift in (0.0, 0.1, 0.2, 0.3)
    ]
    print("PandaX-4T, turn-on moved by 0, 0.1, 0.2, 0.3 keV:", [round(x, 2) for x in limits])
    assert limits == sorted(limits)
    assert limits[0] < rows["mu_eff"] < limits[-1]


def test_atzori_corona_within_10_percent(upper_limit) -> None:
    rows = published("atzori-corona-2022", "Table I", "lz-2022-er")
    check(upper_limit, ["lz-2022-er@atzori-corona-2022"], rows, 0.10)


def test_atzori_corona_with_floating_37Ar_within_10_percent(upper_limit) -> None:
    rows = published("atzori-corona-2022", "Sec. VI", "lz-2022-er")
    check(upper_limit, ["lz-2022-er@atzori-corona-2022-ar37"], rows, 0.10)


def test_khan_within_5_and_7_percent(upper_limit) -> None:
    rows = published("khan-2022", "Table I", "xenonnt-2022-er")
    names = ["xenonnt-2022-er@khan-2022"]
    check(upper_limit, names, {"mu_eff": rows["mu_eff"]}, 0.05)
    check(upper_limit, names, {p: rows[p] for p in ("mu_e", "mu_mu")}, 0.07)
