"""The section of docs/calibration.md on random input and on Ctrl-C at random moments."""

from __future__ import annotations

from calibration_tables import Entries, table


def fuzz(entries: Entries) -> str:
    """Return the section on random input and on what surrounds a command."""
    pressed = {name: entry for name, entry in entries.items() if name.startswith(CTRL_C)}
    others = {name: entry for name, entry in entries.items() if name not in pressed}
    rows = [
        [
            name,
            entry["inputs"],
            entry["failures"],
            f"{entry['slowest_seconds']:.1f} s" if "slowest_seconds" in entry else "-",
            entry["date"],
        ]
        for name, entry in others.items()
    ]
    total = sum(entry["inputs"] for entry in others.values())
    return (
        f"## Random input\n\n{total} inputs: no traceback, no hang, no file outside the output "
        "folder is allowed, and no result lost. Times are of the processor. Of saved results one "
        "input in eight is drawn whole (`plot`, `report`): ten pictures take five to ten seconds "
        "with good input as well, and the limit there is 20. On a full disk files grow to a random "
        "size only, from nothing to a megabyte.\n\n"
        + table(["input", "number", "failures", "slowest", "date"], rows)
        + _failed(others)
        + (_ctrl_c(pressed) if pressed else "")
    )


CTRL_C = "Ctrl-C, "

WANTED = 100
"""Moments of each command."""


def _ctrl_c(entries: Entries) -> str:
    """Return the section on interrupts at random moments."""
    rows = [
        [
            f"`{name.removeprefix(CTRL_C)}`",
            *(entry[key] for key in ("inputs", "finished", "early", "failures")),
            entry["date"],
        ]
        for name, entry in entries.items()
    ]
    fewest = min(entry["inputs"] for entry in entries.values())
    latest = max(entry["early_seconds"] for entry in entries.values())
    return (
        "\n### Ctrl-C at random moments\n\nOf every command that computes, with settings that let "
        "it take one to three seconds of the processor. It has to end with 130, or, if it was "
        "done, as it always does; without a traceback or a hidden file; what it leaves is read by "
        "`cite`, `diagnose` or as a campaign, and a limit from some of its draws says so. Before "
        "the first line of bayesnu has run, Ctrl-C ends Python in Python's way"
        + (f": here up to {latest:.2f} s of the processor after its start" if latest else "")
        + "."
        + (
            f" Not all of the {WANTED} moments of each have been run yet."
            if fewest < WANTED
            else ""
        )
        + "\n\n"
        + table(["command", "pressed", "was done", "before bayesnu", "failures", "date"], rows)
        + _failed(entries)
    )


def _failed(entries: Entries) -> str:
    return "".join(
        f"\nFailed, {name}: `{text}`. {entry.get('note', '')}\n"
        for name, entry in entries.items()
        for text in entry["first"]
    )
