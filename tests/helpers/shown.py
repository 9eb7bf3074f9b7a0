"""Code blocks of Markdown pages: what they show is run and compared with what happens."""

from __future__ import annotations

import builtins
import inspect
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monte_carlo import with_seed
from shown_numbers import Drawn, agree, drawn_of, words_of

FENCE = re.compile(r"^```([^\n{]*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)

NOT_RUN = ("not-run",)
"""Words after the language that mark a block which needs what a test does not have."""


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes
    ----------
    language : str
    words : tuple of str
        What stands after the language: ``not-run``, ``fails``, ``file=NAME``, ``sampled-N``.
    text : str
    line : int
        Of its first line in the page.
    """

    language: str
    words: tuple[str, ...]
    text: str
    line: int

    def option(self, name: str) -> str | None:
        """Return the value of a word ``name=value``."""
        return next((w.partition("=")[2] for w in self.words if w.startswith(f"{name}=")), None)


def blocks(page: str, *languages: str) -> list[Block]:
    """Return the fenced blocks of a page, or those in some languages."""
    found = []
    for match in FENCE.finditer(page):
        language, *words = match[1].split() or [""]
        if not languages or language in languages:
            line = page.count("\n", 0, match.start(2)) + 1
            found.append(Block(language, tuple(words), match[2], line))
    return found


def is_drawn(text: str, words: Sequence[str] = ()) -> bool:
    """Whether numbers of a text are drawn: it states effective draws, or its words say so."""
    return "ESS " in text or drawn_of(words) is not None


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Return every command of a console block with the lines it is said to print."""
    result: list[tuple[str, list[str]]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            result.append((line[2:], []))
        else:
            result[-1][1].append(line)
    return result


def same(shown: str, printed: str, drawn: Drawn | None = None) -> bool:
    """Whether two lines agree: words exactly, numbers within their errors, diagnostics not.

    `...` at the end of what is shown stands for the rest of the line, `.../` for a folder.
    """
    if " .../" in shown:
        printed = re.sub(r" /\S*/", " .../", printed)
    if shown.rstrip().endswith("..."):
        shown = shown.rstrip().removesuffix("...")
        printed = " ".join(printed.split()[: len(words_of(shown))])
    return agree(shown, printed, drawn)


def check(
    shown: Sequence[str],
    printed: Sequence[str],
    page: str = "README",
    drawn: Drawn | None = None,
) -> None:
    """Compare lines; a line `...` at the end of what is shown stands for the rest."""
    if shown and shown[-1] == "...":
        shown = shown[:-1]
        printed = printed[: len(shown)]
    assert len(shown) == len(printed), f"{page}: {shown}\nnow: {printed}"
    for a, b in zip(shown, printed, strict=True):
        assert same(a, b, drawn), f"{page}: {a}\nnow: {b}"


class PageRun:
    """Runs the blocks of one page in order, in one folder and one Python session.

    Parameters
    ----------
    name : str
        Of the page, for messages.
    folder : Path
        Where it runs; files are written here only.
    bayesnu : callable
        Runs the words of a command line; returns exit code, stdout and stderr.
    script : callable
        Runs a Python file in a process of its own.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        bayesnu: Callable[[list[str]], tuple[int, str, str]],
        script: Callable[[Path], None],
    ) -> None:
        self.name = name
        self.folder = folder
        self.bayesnu = bayesnu
        self.script = script
        self.session: dict[str, Any] = {"__name__": "page"}

    def run(self, block: Block) -> None:
        """Run a block; what is no code of ours, or is marked, is left alone."""
        if any(word in NOT_RUN for word in block.words):
            if block.language == "python":
                compile(block.text, self.name, "exec")
        elif block.option("file"):
            (self.folder / str(block.option("file"))).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            self._console(block)
        elif block.language == "python":
            self._python(block)

    def _console(self, block: Block) -> None:
        for line, shown in commands(block.text):
            program, *words = shlex.split(line)
            if program == "sed":
                self._sed(words)
                continue
            assert program == "bayesnu", f"{self.name}, line {block.line}: {line}"
            code, stdout, stderr = self.bayesnu(with_seed(words))
            fails = "fails" in block.words
            assert (code != 0) == fails, f"{self.name}: {line}: exit code {code}, {stderr}"
            lines = (stderr if fails else stdout).splitlines()
            check(shown, lines, self.name, drawn_of(block.words))

    def _sed(self, words: list[str]) -> None:
        """Do what `sed s/OLD/NEW/ FILE > OTHER` does; the pages use no more of it."""
        script, source, arrow, target = words
        _, old, new, _ = script.split("/")
        assert arrow == ">"
        text = (self.folder / source).read_text(encoding="utf-8")
        (self.folder / target).write_text(re.sub(old, new, text), encoding="utf-8")

    def _python(self, block: Block) -> None:
        """Run Python; a line `print(...)  # value` must print the value.

        A script, which starts other processes, runs in one of its own.
        """
        if 'if __name__ == "__main__":' in block.text:
            script = self.folder / "script.py"
            script.write_text(block.text, encoding="utf-8")
            self.script(script)
            return
        printed: dict[int, str] = {}

        def record(*values: object, **_: object) -> None:
            frame = inspect.currentframe()
            assert frame is not None and frame.f_back is not None
            printed[frame.f_back.f_lineno] = " ".join(map(str, values))

        self.session["print"] = record
        # Lines are those of the page, so that a traceback leads there.
        code = compile("\n" * (block.line - 1) + block.text, f"{self.name}.md", "exec")
        builtins.exec(code, self.session)
        for offset, line in enumerate(block.text.splitlines()):
            promise = re.match(r"print\(.*\)  # (.*)$", line)
            if promise:
                value = printed[block.line + offset]
                where = f"{self.name}, line {block.line + offset}"
                assert same(promise[1], value, drawn_of(block.words)), (
                    f"{where}: {promise[1]}\nnow: {value}"
                )
