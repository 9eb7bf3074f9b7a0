"""Keep what a page written by hand rests on, after checking its numbers.

`python tools/inputs.py darwin.md darwin-30ty ...` puts digests of these experiments into
docs/inputs.json; without experiments, those that stand there for the page are renewed.
"""

import json
import sys
from pathlib import Path

from bayesnu.papers.inputs import inputs

KEPT = Path(__file__).resolve().parent.parent / "docs" / "inputs.json"


def main() -> None:
    """Renew the entry of a page."""
    page, *names = sys.argv[1:]
    found = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    found[page] = inputs(names or found[page])
    ordered = dict(sorted(found.items()))
    KEPT.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
