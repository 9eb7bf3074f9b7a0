"""What the sweep found, as JSON and as a page."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from bayesnu import __version__
from benchmarks.sweep.cases import all_cases

REASONS = Path(__file__).with_name("reasons.toml")
VERDICTS = ("agree", "disagree", "refused", "not judged")

HEAD = """---
orphan: true
---
# The sweep: limits beside an independent referee

Every packaged signal is asked of every experiment: each parameter with the data, the first two of
each signal also with truths far from zero and in papers' variants, fits of all parameters together,
combinations; every prior and level. The referee (`benchmarks/sweep/`) shares the likelihood with
the package and nothing else: it has its own fits on dense grids over the whole range of a
parameter, Minuit's MINOS from several starts, and grids on which the nuisances are integrated over
by importance sampling. Ends of profiles have to agree within a thousandth of the width of the
interval (with MINOS within a hundredth), credible limits within five Monte Carlo errors. Where an
experiment sees nothing of a parameter the answer is a sentence; that the counts do not change is
then computed. Where each value of a parameter makes another likelihood (interactions on the way
through the sun) the fits are repeated at the ends of the interval and over the range.

One case of every kind of experiment and signal comes first, then the second of each, so that what
is done is a sample of all. `make sweep` repeats it and goes on where it was.

"""


def reasons() -> list[dict[str, str]]:
    """Return why some disagreements are none: patterns of a case and a kind, and a reason."""
    if not REASONS.exists():
        return []
    return tomllib.loads(REASONS.read_text(encoding="utf-8")).get("reason", [])


def reason_of(case: str, kind: str) -> str:
    """Return why a disagreement is none; empty if it is one."""
    for entry in reasons():
        if fnmatch(case, entry["case"]) and fnmatch(kind, entry["kind"]):
            return entry["reason"]
    return ""


def summary(cells: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return counts, disagreements, refusals and what was not judged."""
    counts: dict[str, dict[str, int]] = {}
    listed: dict[str, list[dict[str, Any]]] = {v: [] for v in VERDICTS[1:]}
    for case, cell in cells.items():
        for entry in cell["comparisons"]:
            kind, verdict = entry["kind"], entry["verdict"]
            counts.setdefault(kind, dict.fromkeys(VERDICTS, 0))[verdict] += 1
            if verdict != "agree":
                reason = reason_of(case, kind) if verdict == "disagree" else ""
                listed[verdict].append({"case": case, **entry, "reason": reason})
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "bayesnu": __version__,
        "cases": len(cells),
        "of": len(all_cases()),
        "seconds": round(sum(cell["seconds"] for cell in cells.values()), 1),
        "counts": dict(sorted(counts.items())),
        "disagreements": listed["disagree"],
        "refused": listed["refused"],
        "not_judged": listed["not judged"],
    }


def unexplained(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the disagreements without a reason."""
    return [entry for entry in found["disagreements"] if not entry["reason"]]


def write(found: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write sweep.json and sweep.md."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = folder / "sweep.json", folder / "sweep.md"
    data.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page.write_text(text(found), encoding="utf-8")
    return data, page


def text(found: Mapping[str, Any]) -> str:
    """Return the page."""
    total = sum(sum(kinds.values()) for kinds in found["counts"].values())
    lines = [
        HEAD + f"{found['date']}, bayesnu {found['bayesnu']}: {found['cases']} analyses, "
        f"{total} comparisons, {found['seconds'] / 60:.0f} minutes of one core{_part(found)}.",
        "",
        "| comparison | agree | disagree | refused | not judged |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for kind, kinds in found["counts"].items():
        lines.append(f"| {kind} | " + " | ".join(str(kinds[v]) for v in VERDICTS) + " |")
    lines += ["", "## Disagreements", ""]
    if not found["disagreements"]:
        lines.append("None.")
    for entry in found["disagreements"]:
        lines += [_entry(entry), f"  - Reason: {entry['reason'] or 'none known'}"]
    lines += ["", "## Refused", ""]
    lines += _grouped(found["refused"], "package") or ["None."]
    lines += ["", "## Not judged", ""]
    lines += _grouped(found["not_judged"], "note") or ["None."]
    return "\n".join(lines) + "\n"


def _part(found: Mapping[str, Any]) -> str:
    """Say that not all analyses were judged."""
    whole = found.get("of", found["cases"])
    return "" if found["cases"] >= whole else f"; a part of the {whole} analyses of `make sweep`"


def _entry(entry: Mapping[str, Any]) -> str:
    package, referee = (_figures(entry[key]) for key in ("package", "referee"))
    note = f" ({entry['note']})" if entry["note"] else ""
    return (
        f"- {entry['kind']}: `{entry['command']}`\n"
        f"  - The package: {package}\n  - The referee: {referee}{note}"
    )


def _figures(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(_figures(item) for item in value) + ")"
    return "none" if value is None else str(value)


def _grouped(entries: list[dict[str, Any]], key: str) -> list[str]:
    """Return one line for each sentence, with how often it stands."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        sentence = entry["note"] if isinstance(entry[key], list) else str(entry[key])
        groups.setdefault(_without_names(sentence, entry["case"]), []).append(
            (entry["case"], sentence)
        )
    return [
        f"- {len(cases)} times, first `{cases[0][0]}`: {cases[0][1]}"
        for cases in sorted(groups.values(), key=lambda cases: -len(cases))
    ]


def _without_names(sentence: str, case: str) -> str:
    """Return a sentence without the names and numbers that are one case's."""
    for word in sorted({*re.split(r"[ +]", case), case.split()[0]}, key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "...", sentence)
    return re.sub(r"[-+]?\d[\d.e+-]*", "...", sentence)
