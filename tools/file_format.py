"""Write the reference part of docs/file-format.md from the schema (`make file-format`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bayesnu.experiments.format.json_schema import json_schema

PAGE = Path(__file__).parents[1] / "docs/file-format.md"
START, END = "<!-- reference: start -->", "<!-- reference: end -->"

NAMES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}
"""Types of JSON Schema, for people."""


def kind(entry: dict[str, Any]) -> str:
    """Return the type of a value in words."""
    if "$ref" in entry:
        name = entry["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in entry:
        return f'`"{entry["const"]}"`' if isinstance(entry["const"], str) else str(entry["const"])
    if "enum" in entry:
        return ", ".join(f'`"{value}"`' for value in entry["enum"])
    if "anyOf" in entry:
        return " or ".join(kind(item) for item in entry["anyOf"] if item.get("type") != "null")
    if entry.get("type") == "array":
        if "prefixItems" in entry:
            return f"list of {len(entry['prefixItems'])} numbers"
        return f"list of {kind(entry.get('items', {}))}"
    if entry.get("type") == "object":
        values = next(iter(entry.get("patternProperties", {}).values()), None)
        values = values or entry.get("additionalProperties")
        return f"table of {kind(values)}" if isinstance(values, dict) else "table"
    text = NAMES.get(entry.get("type", ""), "value")
    bounds = [
        f"{sign} {entry[key]:g}"
        for key, sign in (
            ("exclusiveMinimum", ">"), ("minimum", "≥"), ("exclusiveMaximum", "<"), ("maximum", "≤")
        )
        if key in entry
    ]  # fmt: skip
    return " ".join([text, ", ".join(bounds)]).strip()


def default(entry: dict[str, Any], required: bool) -> str:
    """Return what holds if the key is left out."""
    if required:
        return "required"
    value = entry.get("default")
    if isinstance(value, dict) and list(value) == ["kind"]:
        value = value["kind"]
    if value is None or isinstance(value, dict):
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(f"`{item}`" for item in value) or "-"
    return f"`{value}`" if value != "" else "-"


def section(title: str, schema: dict[str, Any], level: int) -> list[str]:
    """Return the heading, the description and the table of one kind of entry."""
    required = schema.get("required", schema.get("then", {}).get("required", []))
    lines = ["#" * level + f" {title}", ""]
    if "description" in schema:
        lines += [schema["description"].replace("\n", " ").strip(), ""]
    lines += ["| key | value | if left out | meaning |", "| --- | --- | --- | --- |"]
    for name, entry in schema["properties"].items():
        cells = (
            f"`{name}`",
            kind(entry),
            default(entry, name in required),
            entry.get("description", "").replace("\n", " ").replace("|", "\\|"),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def reference() -> str:
    """Return the reference of all files and entries in Markdown."""
    schema = json_schema()
    lines: list[str] = []
    for form in schema["anyOf"]:
        lines += section(f"Files with channel {kind(form['properties']['channel'])}", form, 3)
    for name in sorted(schema["$defs"]):
        if "properties" in schema["$defs"][name]:
            lines += section(name, schema["$defs"][name], 3)
    return "\n".join(lines)


def updated(text: str) -> str:
    """Return the page with a new reference part."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{reference()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
