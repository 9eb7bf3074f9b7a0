"""Regenerate docs/validation.json and docs/validation.md: every published row, recomputed.

Run by `make validate`; takes some minutes. `--page` only writes the page from the file.
"""

import json
import sys
from pathlib import Path

from bayesnu.cli.options.progress import ProgressLine
from bayesnu.papers.validation import collect, page, read

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> None:
    """Write the result file, then the page from it."""
    source = DOCS / "validation.json"
    if "--page" not in sys.argv[1:]:
        progress = ProgressLine()
        results = collect("both", progress)
        progress.done()
        source.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    explanations = (DOCS / "differences.md").read_text(encoding="utf-8")
    (DOCS / "validation.md").write_text(page(read(source), explanations), encoding="utf-8")


if __name__ == "__main__":
    main()
