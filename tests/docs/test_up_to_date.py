"""No number in a page is older than the inputs that it rests on."""

import json
from pathlib import Path
from typing import Any

import pytest

from bayesnu.experiments.loading import load
from bayesnu.papers.inputs import inputs, outdated

ROOT = Path(__file__).resolve().parents[2]


def pages() -> dict[str, tuple[dict[str, Any], str]]:
    """Return what every page of results rests on, and what computes it again."""
    found = {
        "docs/today.json": (_read("docs/today.json").get("inputs"), "make today"),
        "docs/validation.json": (_read("docs/validation.json").get("inputs"), "make validate"),
    }
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        found[f"notebooks/{path.name}"] = (metadata.get("inputs"), "make notebooks")
    for name, entry in _read("docs/inputs.json").items():
        found[f"docs/{name}"] = (entry, f"check its numbers, then python tools/inputs.py {name}")
    return found


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", pages())
def test_a_page_is_as_new_as_its_inputs(page: str) -> None:
    kept, remedy = pages()[page]
    assert kept is not None, f"{page} does not say what it rests on: {remedy}"
    old = outdated(kept)
    assert not old, f"{page} is older than {', '.join(old)}: {remedy}"


def test_what_was_calibrated_with_older_inputs_is_named_with_its_date() -> None:
    # Hours of a machine: it may be older, but the page says so.
    page = (ROOT / "docs/calibration.md").read_text(encoding="utf-8")
    named = page.partition("**Older than today's inputs:** ")[2].partition(". These")[0]
    older = [
        f"{part} `{name}` ({entry['date']})"
        for part, entries in _read("docs/calibration.json").items()
        for name, entry in entries.items()
        if "experiments" in entry and ("inputs" not in entry or outdated(entry["inputs"]))
    ]
    assert [" ".join(text.split()) for text in named.split(", ") if text] == older


def test_pages_of_results_name_the_experiments_they_are_of() -> None:
    rows = _read("docs/validation.json")["rows"]
    named = {name for row in rows for name in row["experiments"]}
    assert set(pages()["docs/validation.json"][0] or {}) == named
    assert len(pages()["docs/today.json"][0] or {}) >= 7


def test_what_changes_numbers_is_noticed_and_words_are_not(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    same = 'extends = "lz-2022-er"\ntitle = "Another"\nnotes = ["other words"]\n'

    def kept(text: str) -> dict[str, Any]:
        path.write_text(text, encoding="utf-8")
        return inputs([str(path)])

    before = kept(same)
    assert outdated(before) == []
    assert before[str(path)] == inputs(["lz-2022-er"])["lz-2022-er"]
    for change in (
        "exposure_t_yr = 1.0\n",
        '[reconstruction]\nwidth = "mean_reconstructed_keV"\n',
        "[backgrounds.beta_det]\nprior = { type = 'gaussian', sigma_events = 37 }\n",
        "[neutrinos]\natomic = 'rrpa'\n",
    ):
        kept(same + change)
        assert outdated(before) == [str(path)]


def test_what_physics_makes_of_the_same_file_counts_too() -> None:
    name = "xenonnt-2026-8b"
    entry = inputs([name])[name]
    assert outdated({name: entry}) == []
    other = entry | {"expected": [entry["expected"][0] * (1 + 1e-5), *entry["expected"][1:]]}
    assert outdated({name: other}) == [name]
    assert outdated({"no-such-experiment": entry}) == ["no-such-experiment"]
    assert len(entry["expected"]) == 2 * (len(load(name).backgrounds) + 3 * 2)
