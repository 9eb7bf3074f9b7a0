"""A gauge boson is named with its charges apart, or by its tag: the same question."""

import json

import pytest

from bayesnu.cli import main

LIMIT = (
    "limit",
    "xenonnt-2022-er",
    "--parameter",
    "g",
    "--set",
    "m_boson=50",
    "--method",
    "profile",
)
QUIET = ("--no-files", "--json")


def test_charges_apart_or_in_the_tag_are_one_signal(capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for name in (("gauge-boson", "--charges", "le-ltau"), ("gauge-boson-le-ltau",)):
        assert main([*LIMIT, "--signal", *name, *QUIET]) == 0
        (result,) = json.loads(capsys.readouterr().out)["results"]
        found.append((result["signal"], result["frequentist"]))
    assert found[0] == found[1]
    assert found[0][0] == "gauge-boson-le-ltau"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("gauge-boson", "--charges", "b-2l"), "--charges: charges: found 'b-2l', expected b-l |"),
        (("millicharge", "--charges", "b-l"), "--charges: --signal: found millicharge"),
        (("gauge-boson",), "found 'gauge-boson', expected magnetic-moment |"),
    ],
)
def test_charges_that_mean_nothing_are_refused(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*LIMIT, "--signal", *words, *QUIET]) == 2
    assert sentence in capsys.readouterr().err


def test_rates_and_citations_know_them(capsys: pytest.CaptureFixture[str]) -> None:
    boson = ("--signal", "gauge-boson", "--charges", "b-l")
    assert main(["rates", "xenonnt-2022-er", *boson, "--set", "g=5", "--json"]) == 0
    assert main(["cite", "xenonnt-2022-er", *boson]) == 0
    assert "2202.11002" in capsys.readouterr().out
