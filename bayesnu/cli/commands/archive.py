"""A finished run as one zip file that anyone can keep, cite and repeat.

examples
  bayesnu archive results/moments
  bayesnu archive results/moments --out moments.zip
  bayesnu run moments.zip --out again

The zip file has the run file, experiments of one's own with their tables, the packaged files that
were used, all results, versions, and a README.txt. `bayesnu run` of it computes everything anew in
a new folder and says whether the numbers are the same.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a folder of `bayesnu run`")
    parser.add_argument("-o", "--out", type=Path, metavar="ZIP", help="file (FOLDER.zip)")


def run(args: argparse.Namespace) -> int:
    """Write the archive."""
    from bayesnu.cli.options.from_elsewhere import from_elsewhere
    from bayesnu.run_file.archive import archive

    with from_elsewhere(args.folder):
        path = archive(args.folder, args.out)
    print(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB).")
    return 0
