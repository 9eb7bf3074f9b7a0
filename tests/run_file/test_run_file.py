"""A run file is checked before anything is computed, and its problems are one sentence."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from small_run import FULL, REPOSITORY, SHORT

from bayesnu.cli import main
from bayesnu.errors import InputError
from bayesnu.run_file.reading import read_run_file, run_file_schema
from bayesnu.run_file.runner import check_run_file, default_folder

EXAMPLE = REPOSITORY / "docs/examples/analysis.toml"


def written(path: Path, text: str) -> Path:
    """Return a run file with a text."""
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_of_the_documentation_is_fine() -> None:
    steps = check_run_file(EXAMPLE)
    kinds = {step.partition(" ")[0] for step in steps}
    assert kinds == {"limit", "profile", "contour", "sample", "exclusion", "sensitivity"}


def test_steps_take_what_they_leave_open_from_the_top(tmp_path: Path) -> None:
    file = read_run_file(written(tmp_path / "a.toml", FULL))
    steps = {(kind, step.label): step for kind, step in file.steps()}
    assert steps["limit", "mu_eff"].experiments == file.experiments
    assert steps["limit", "khan"].experiments == ("xenonnt-2022-er@khan-2022",)
    assert steps["sample", "charge"].signal == "millicharge"
    assert steps["contour", "mu_e-mu_mu"].level == 0.9
    assert steps["exclusion", "mu_e-m4"].fit == "one-at-a-time"


WRONG = {
    "a key that is misspelt": (
        'paramter = "mu_eff"',
        ("limit.0.paramter", "unknown key", "parameter?"),
    ),
    "a key that is misspelt at the top": ("[samplings]\ndraws = 9", ("samplings", "sampling?")),
    "a key of nothing": ("[output]\nxyzzy = 1", ("output.xyzzy", "figures | report")),
    "draws that are too few": ("[sampling]\ndraws = 1", ("sampling.draws", "found 1")),
    "a level of 90": ('parameter = "mu_eff"\nlevel = 90', ("limit.0.level", "less than 1")),
    "an unknown signal": ('parameter = "mu_eff"\nsignal = "magnet"', ("magnet", "magnetic-moment")),
    "an unknown parameter": ('parameter = "q_ee"', ("q_ee", "mu_eff")),
    "an unknown experiment": ('parameter = "mu_eff"\nexperiments = ["x"]', ("'x'", "xenonnt")),
    "a path that leads out": (
        'parameter = "mu_eff"\nexperiments = ["../m.toml"]',
        ("m.toml", "expected"),
    ),
    "two steps of a name": (
        'parameter = "mu_eff"\n[[limit]]\nparameter = "mu_eff"',
        ("limit.name", "two steps mu_eff"),
    ),
    "a name that is a path": ('parameter = "mu_eff"\nname = "../x"', ("limit.0.name", "'../x'")),
    "truth without asimov": ("[data]\ntruth = { mu_eff = 1 }", ("data", "asimov = true")),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_run_file_is_one_sentence_before_anything_is_computed(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, words = WRONG[what]
    head = 'title = "T"\nexperiments = ["xenonnt-2022-er"]\nsignal = "magnetic-moment"\n'
    if text.startswith("["):
        text += '\n[[limit]]\nparameter = "mu_eff"'
    else:
        text = "[[limit]]\n" + text
    path = written(tmp_path / "wrong.toml", head + text)
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    for word in words:
        assert word in message, message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "title = ", "x" * 3_000_000, "\x00"])
def test_a_file_that_is_no_run_file_is_one_sentence(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.toml"):
        read_run_file(written(tmp_path / "no.toml", text))


def test_a_run_file_without_steps_says_which_there_are(tmp_path: Path) -> None:
    text = 'title = "T"\nexperiments = ["xenonnt-2022-er"]\nsignal = "magnetic-moment"\n'
    with pytest.raises(InputError, match=r"\[\[limit\]\]"):
        read_run_file(written(tmp_path / "none.toml", text))


def test_check_computes_nothing_and_names_the_steps(
    short: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(short), "--check"]) == 0
    assert "limit sampled, limit mu_e, profile mu_mu" in capsys.readouterr().out
    assert [path.name for path in short.parent.iterdir()] == ["short.toml"]


def test_a_folder_of_a_run_is_where_its_own_run_file_goes(tmp_path: Path) -> None:
    assert default_folder(tmp_path / "moments.toml") == Path("results/moments")
    (tmp_path / "run.json").write_text("{}")
    assert default_folder(tmp_path / "analysis.toml") == tmp_path


def test_the_schema_knows_every_key_of_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--run"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema == json.loads(json.dumps(run_file_schema()))
    for text in (EXAMPLE.read_text(encoding="utf-8"), SHORT, FULL):
        entries = tomllib.loads(text)
        assert set(entries) <= set(schema["properties"])
        for kind in ("limit", "contour", "exclusion"):
            form = schema["$defs"][f"{kind.capitalize()}Step"]
            for step in entries.get(kind, []):
                assert set(step) <= set(form["properties"])
                assert set(form.get("required", [])) <= set(step)
