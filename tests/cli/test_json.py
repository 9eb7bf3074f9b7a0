"""--json prints JSON and nothing else, in the promised shape; numbers are numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from command_line import MOMENT, Run, bayesnu
from monte_carlo import seed, stochastic

from bayesnu.cli import main


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    """Return the results that a command prints with --json."""
    assert main([*words, "--json"]) == 0
    output = capsys.readouterr()
    found = json.loads(output.out)
    assert set(found) == {"results"}
    assert isinstance(found["results"], list)
    return list(found["results"])


def test_limit_prints_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    (result,) = printed(capsys, "limit", "xenonnt-2022-er", *MOMENT, "--method", "profile")
    assert result["experiments"] == ["xenonnt-2022-er"]
    assert (result["signal"], result["parameter"]) == ("magnetic-moment", "mu_eff")
    assert (result["unit"], result["level"], result["fit"]) == ("1e-11 mu_B", 0.9, "one-at-a-time")
    assert result["frequentist"]["dof"] == 1
    # The 90% quantile of chi2 with one degree of freedom is 2.7055.
    assert result["frequentist"]["threshold"] == pytest.approx(2.7055, abs=1e-4)
    assert result["bayesian"] is None
    assert {"paper", "lower", "upper", "ratio"} <= set(result["published"][0])
    assert result["seconds"]["total"] > 0


def test_limit_json_holds_both_statements_and_how_they_were_made(demo: Run) -> None:
    assert demo.code == 0, demo.stderr
    for statement in (demo.result["frequentist"], demo.result["bayesian"]):
        ((low, high),) = statement["intervals"]
        assert low is None and isinstance(high, float)
    assert demo.result["bayesian"]["kind"] == "upper"
    assert "mu_eff" in demo.result["bayesian"]["prior"]
    assert isinstance(demo.result["bayesian"]["divergences"], int)
    assert demo.result["made"]["seed"] == seed()


@stochastic
def test_limit_converges_with_its_default_settings(demo: Run) -> None:
    posterior = demo.result["bayesian"]
    assert posterior["r_hat"] < 1.01
    assert posterior["ess_bulk"] > 1000
    assert posterior["divergences"] == 0


def test_limit_prints_nothing_on_stderr_when_that_is_no_terminal(demo: Run) -> None:
    assert demo.stderr == ""


def test_rates_have_bins_components_and_totals(capsys: pytest.CaptureFixture[str]) -> None:
    (result,) = printed(capsys, "rates", "xenonnt-2022-er")
    bins = result["bins"]
    assert len(bins) == 130 and bins[0] == pytest.approx([1.0, 1.1])
    assert {"solar_nu", "Pb214", "Xe136"} <= set(result["components"])
    for name, counts in result["components"].items():
        assert len(counts) == len(bins)
        assert sum(counts) == pytest.approx(result["totals"][name])
    # Table I of XENONnT expects 300 +- 30 solar neutrinos.
    assert 270 < result["totals"]["solar_nu"] < 330


def test_rates_stand_at_the_expectation_of_every_background(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (result,) = printed(capsys, "rates", "xenonnt-2022-er")
    # The fit column of Table I: free and flat norms stand at 1, not in the middle of their range.
    for name, events in {"Pb214": 960, "Xe124": 250, "Xe133": 150, "Kr83m": 80}.items():
        assert result["totals"][name] == pytest.approx(events)


def test_rates_scale_with_a_norm_and_grow_with_a_moment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moment = ("--signal", "magnetic-moment", "--set", "mu_eff=1")
    (standard,) = printed(capsys, "rates", "xenonnt-2022-er")
    (doubled,) = printed(
        capsys, "rates", "xenonnt-2022-er", "--set", "flux_pp=2", "--set", "flux_be7=2"
    )
    (moved,) = printed(capsys, "rates", "xenonnt-2022-er", *moment)
    solar = [result["totals"]["solar_nu"] for result in (standard, doubled, moved)]
    assert solar[1] == pytest.approx(2 * solar[0])
    assert solar[2] > 1.1 * solar[0]


def test_list_names_experiments_and_signals(capsys: pytest.CaptureFixture[str]) -> None:
    results = printed(capsys, "list")
    kinds = {entry["name"]: entry["kind"] for entry in results}
    assert kinds["xenonnt-2022-er@khan-2022"] == "experiment"
    assert kinds["magnetic-moment"] == "signal"
    assert "citations" not in kinds


def test_show_and_validate(capsys: pytest.CaptureFixture[str]) -> None:
    (page,) = printed(capsys, "show", "xenonnt-2022-er", "--toys", "0")
    assert page["facts"]["exposure"] == "1.16 t yr"
    assert {source["trust"] for source in page["sources"]} <= {
        "official", "vector", "digitised", "derived", "recalled", "user",
    }  # fmt: skip
    (answer,) = printed(capsys, "validate", "xenonnt-2022-er")
    assert answer["valid"] is True


def test_cite_follows_what_was_used(capsys: pytest.CaptureFixture[str], demo: Run) -> None:
    (found,) = printed(capsys, "cite", str(demo.folder))
    keys = {group: {entry["key"] for entry in found[group]} for group in ("data", "software")}
    assert "XENON:2022ltv" in keys["data"] and "LZ:2022lsv" not in keys["data"]
    assert {"hoffman2014", "nutpie", "arviz2026", "bayesnu"} <= keys["software"]
    assert [entry["key"] for entry in found["formulas"]] == ["giunti-ternes-2023"]


def test_text_output_is_for_people() -> None:
    done = bayesnu("rates", "xenonnt-2022-er")
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split()[:2] == ["bin", "[keV]"]


def test_a_reader_that_goes_away_is_no_error() -> None:
    import subprocess
    import sys

    from command_line import environment

    done = subprocess.run(
        f"{sys.executable} -m bayesnu rates xenonnt-2022-er | head -1",
        shell=True,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "xenonnt-2022-er"
    assert done.stderr == ""
