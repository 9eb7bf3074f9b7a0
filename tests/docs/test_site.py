"""The documentation site builds without a warning, without a network, and is complete."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bayesnu
from bayesnu.cli import COMMANDS, build_parser

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "data"

NO_NETWORK = """
import socket, sys

def refuse(*arguments, **keywords):
    raise OSError("the documentation build must not use the network")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    out = tmp_path_factory.mktemp("site")
    options = ("-q", "-W", "--keep-going", "-n", "-b", "html", "-d", str(out / "doctrees"))
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, *options, str(REPOSITORY / "docs"), str(out / "html")],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"the site does not build without warnings:\n{done.stderr}", pytrace=False)
    return out / "html"


def text_of(page: Path) -> str:
    """Return a page without its markup."""
    text = re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8"))
    for code, character in (("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", '"')):
        text = text.replace(code, character)
    return text.replace("&amp;", "&")


def test_every_public_name_is_documented_once(site: Path) -> None:
    page = (site / "api.html").read_text(encoding="utf-8")
    for name in bayesnu.__all__:
        if name != "__version__":
            assert page.count(f'id="bayesnu.{name}"') == 1, name


def test_the_command_reference_is_what_help_prints(site: Path) -> None:
    page = " ".join(text_of(site / "commands.html").split())
    for command, summary in COMMANDS.items():
        assert f"bayesnu {command}" in page and summary in page
        (subparsers,) = (a for a in build_parser(command)._actions if a.dest == "command")
        chosen = dict(subparsers.choices or {})[command]  # type: ignore[arg-type]
        for action in chosen._actions:
            for option in action.option_strings:
                assert option in page, (command, option)


def test_every_data_table_is_listed_with_its_trust_and_source(site: Path) -> None:
    page = " ".join(text_of(site / "data.html").split())
    for path in DATA.rglob("*.csv"):
        header = dict(
            line[2:].split(": ", 1)
            for line in reversed(path.read_text(encoding="utf-8").splitlines()[:10])
            if line.startswith("# ") and ": " in line
        )
        name = path.relative_to(DATA).parts[1:]
        assert f"{'/'.join(name)} {header['trust']}" in page, path
        assert " ".join(header["title"].split()) in page, path


def test_formulas_are_numbered_mathml_and_need_no_script(site: Path) -> None:
    for page in ("physics.html", "rates.html", "statistics.html"):
        html = (site / page).read_text(encoding="utf-8")
        assert html.count("<math") > 5
        assert not re.search(r"<script[^>]*(?:mathjax|katex)", html, flags=re.IGNORECASE)
        numbers = [int(n) for n in re.findall(r'<span class="number">\((\d+)\)', html)]
        assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers) >= 3


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    loads = re.compile(r'<(?:script|img|iframe|link)[^>]*(?:src|href)="(https?:[^"]+)"')
    for page in site.rglob("*.html"):
        if page.parent.name == "notebooks":
            continue  # what a notebook's outputs hold is tested with the notebooks
        assert not loads.findall(page.read_text(encoding="utf-8")), page


def test_every_page_is_reached_from_the_first_one(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    for page in (REPOSITORY / "docs").rglob("*.md"):
        name = page.relative_to(REPOSITORY / "docs").with_suffix(".html")
        if name.as_posix() in ("index.html", "differences.html"):
            continue
        reached = first + (site / "measurements.html").read_text(encoding="utf-8")
        assert f'href="{name.as_posix()}"' in reached, name
