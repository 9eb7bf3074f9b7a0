"""A real browser, where there is one, opens a report without errors and draws it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp

import pytest

from bayesnu.run_file.runner import Outcome

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)

needs_browser = pytest.mark.skipif(
    BROWSER is None,
    reason="no browser: install Debian's chromium (as root: apt-get install chromium)",
)

QUIET = (
    "--headless",
    "--no-sandbox",  # chromium refuses to run as root otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
"""Without a window, and without a network: it would wait for servers of its own."""


def browse(page: Path, folder: Path, *words: str) -> tuple[str, list[str]]:
    """Open a page without a window; return its document and what the console says."""
    command = [
        str(BROWSER),
        *QUIET,
        "--enable-logging=stderr",
        f"--user-data-dir={mkdtemp(dir=folder)}",
        *words,
    ]
    done = subprocess.run(
        [*command, page.resolve().as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout, re.findall(r"CONSOLE.*", done.stderr)


@needs_browser
def test_a_browser_finds_no_errors(analysis: Outcome, tmp_path: Path) -> None:
    document, console = browse(analysis.folder / "report.html", tmp_path, "--dump-dom")
    assert console == []
    assert document.count("<section") >= 7


@needs_browser
def test_the_console_would_be_heard(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<!DOCTYPE html><title>bad</title><script>nothing.there()</script>")
    assert browse(page, tmp_path, "--dump-dom")[1]


@needs_browser
@pytest.mark.parametrize("width", [1200, 400])
def test_a_page_is_drawn_within_its_width(width: int, analysis: Outcome, tmp_path: Path) -> None:
    from matplotlib.image import imread

    shot = tmp_path / "shot.png"
    report = analysis.folder / "report.html"
    browse(report, tmp_path, f"--window-size={width},1400", f"--screenshot={shot}")
    picture = imread(shot)[..., :3]
    assert picture.shape[1] == width
    dark = picture.mean(axis=2) < 0.5
    assert 0.005 < dark.mean() < 0.5, "text and pictures on a light page"
    # Nothing is cut off: what is wider than the page scrolls inside a margin.
    assert not dark[:, -6:].any()
