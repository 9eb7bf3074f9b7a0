"""Read an HTML page as a reader's browser would: elements, links, texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}


@dataclass
class Page(HTMLParser):
    """A parsed page.

    Attributes
    ----------
    elements : list of (str, dict)
        Tags with their attributes.
    texts : list of str
        What stands between tags, styles left out.
    styles : list of str
    open : list of str
        Tags that are not closed.
    """

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag; tags must be nested."""
        assert self.open and self.open[-1] == tag, f"</{tag}> inside {self.open}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Note a text."""
        (self.styles if self.open[-1:] == ["style"] else self.texts).append(data)

    @property
    def text(self) -> str:
        """All texts, spaces made single."""
        return " ".join(" ".join(self.texts).split())

    def values(self, attribute: str) -> list[str]:
        """Return all values of an attribute."""
        return [a[attribute] or "" for _, a in self.elements if attribute in a]

    def tags(self) -> set[str]:
        """Return all tags."""
        return {tag for tag, _ in self.elements}


def parse(html: str) -> Page:
    """Return a parsed page; its tags are nested and closed."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


def check_self_contained(page: Page) -> None:
    """A page loads nothing, runs nothing, and every link inside it leads somewhere."""
    assert not page.tags() & {"script", "iframe", "object", "embed", "base", "form"}
    assert not [name for _, a in page.elements for name in a if name.startswith("on")]
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    for source in page.values("src"):
        assert source.startswith("data:image/"), source[:60]
    for target in page.values("href"):
        assert target == "data:," or target.removeprefix("#") in ids, target[:60]
    for style in [*page.styles, *page.values("style")]:
        assert not re.search(r"url\(|@import|https?:", style)
    for attributes in (a for tag, a in page.elements if tag == "img"):
        assert attributes.get("alt"), "a picture without words"
