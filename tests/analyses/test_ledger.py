"""Published limits have a source, a trust and a beam, and say with what they cannot be compared."""

from __future__ import annotations

import json
import re

import pytest

from bayesnu.analyses.ledger import ledger, related, short_name, whole_ledger
from bayesnu.analyses.published import published_rows
from bayesnu.cli import main
from bayesnu.cli.commands.published import TITLES
from bayesnu.errors import InputError
from bayesnu.files.tables import read_table
from bayesnu.results.ledger import differences

SOURCE = re.compile(r"arXiv:(\d{4}\.\d{4,5}|[a-z-]+/\d{7})|doi:10\.\S+|LAMPF")


def test_every_number_has_a_source_a_place_and_a_trust() -> None:
    for row in whole_ledger():
        assert SOURCE.fullmatch(row.source), row
        assert row.trust in ("official", "quoted", "recalled") and row.read_in, row
        assert row.kind in TITLES and row.flavour and row.statement in ("confidence", "bound"), row
        assert (row.trust == "recalled") == (row.read_in in ("memory", "a summary of its abstract"))
        for low, high in row.intervals:
            assert low is not None or high is not None, row
            assert low is None or high is None or low < high, row


def test_what_is_recalled_makes_the_whole_table_so() -> None:
    assert read_table("published/ledger.csv").trust == "recalled"


def test_the_collaborations_and_the_sky_are_in_it_beside_the_papers() -> None:
    labels = " ".join(row.label for row in whole_ledger())
    for name in ("XENONnT 2022", "LZ 2023", "PandaX", "CONUS", "COHERENT", "TEXONO", "GEMMA"):
        assert name in labels
    kinds = {row.kind for row in whole_ledger()}
    assert kinds == set(TITLES)
    read = {row.read_in for row in whole_ledger()}
    assert read >= {row.location for row in published_rows() if row.paper != "xenonnt-2022"}


def test_limits_are_in_one_unit_the_strongest_first() -> None:
    small, large = ledger("mu_eff"), ledger("mu_eff", "1e-11 mu_B")
    assert [row.label for row in small] == [row.label for row in large]
    ends = [row.intervals[0][1] or 0.0 for row in small]
    assert ends == sorted(ends)
    assert large[0].intervals[0][1] == pytest.approx(0.1 * ends[0])
    (xenon,) = (row for row in small if row.label == "XENONnT 2022")
    assert xenon.intervals == ((None, 6.4),)


def test_other_names_of_a_parameter_are_ours() -> None:
    assert any(row.label == "TEXONO 2010" for row in ledger("r2_ee"))
    assert {"mu_e", "mu_mu", "mu_tau"} == set(related("mu_eff"))
    assert short_name("xenonnt-2024-8b + pandax4t-2024-8b") == "XENONnT + PandaX-4T, 8B"


@pytest.mark.parametrize(("parameter", "unit"), [("mu_x", ""), ("mu_eff", "1e-13 e")])
def test_what_nobody_has_published_is_refused(parameter: str, unit: str) -> None:
    with pytest.raises(InputError, match="unit" if unit else "mu_eff"):
        ledger(parameter, unit)


def test_beams_levels_and_statements_are_said_not_to_be_the_same() -> None:
    said = " ".join(differences(ledger("mu_e")))
    assert "reactor anti-nu_e" in said and "different numbers" in said
    assert "confidence" in said and "prior" in said
    said = " ".join(differences(ledger("mu_eff")))
    assert "90%, 95%, none" in said and "models" in said and "expectations" in said
    same = tuple(row for row in ledger("mu_eff") if row.label == "XENONnT 2022")
    assert len(differences(same)) == 1


def test_the_command_prints_it_and_json_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["published", "--parameter", "mu_eff"]) == 0
    text = capsys.readouterr().out
    assert "< 6.4" in text and "arXiv:2207.11330 (quoted: arXiv:2207.05036)" in text
    assert "13.6*" in text and "Levels differ" in text
    assert main(["published", "--parameter", "mu_eff", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["results"]
    assert found[0]["source"].startswith("arXiv:") and found[-1]["not_comparable"]
