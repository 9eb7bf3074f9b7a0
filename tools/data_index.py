"""Write the index of ``data/README.md`` from the headers of the tables.

Run it after adding or changing a table: ``make data-index``. With ``--check`` it writes
nothing and fails when the index is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bayesnu.files.tables import read_table

DATA = Path(__file__).resolve().parent.parent / "data"
START, END = "<!-- index: start -->", "<!-- index: end -->"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def index() -> str:
    lines = []
    for folder in sorted(path for path in DATA.iterdir() if path.is_dir()):
        tables = [read_table(path) for path in sorted(folder.rglob("*.csv"))]
        if not tables:
            continue
        lines += [f"### {folder.name}", "", "| table | title | source | trust |"]
        lines += ["| --- | --- | --- | --- |"]
        for table in tables:
            name = table.path.relative_to(folder)
            title, source = cell(table.meta["title"]), cell(table.meta["source"])
            lines.append(f"| `{name}` | {title} | {source} | {table.trust} |")
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    readme = DATA / "README.md"
    before = readme.read_text(encoding="utf-8")
    head, rest = before.split(START)
    _, tail = rest.split(END)
    after = f"{head}{START}\n\n{index()}\n{END}{tail}"
    if "--check" in sys.argv[1:]:
        if after != before:
            print("data/README.md is out of date: run `make data-index`.", file=sys.stderr)
        return int(after != before)
    readme.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
