"""Figures as data URIs, so that a page needs no other file."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

from bayesnu.output.plots import style
from bayesnu.output.plots.pictures import Picture

VECTOR = ("spectrum", "profile", "contour", "exclusion", "sensitivity", "pulls", "impacts")
"""Kinds with few points, which stay sharp as SVG; the others would be large."""


@dataclass(frozen=True)
class Image:
    """A figure in a page."""

    uri: str
    caption: str
    kind: str


def image_of(picture: Picture) -> Image:
    """Draw a picture and return it as an image that stands in the page itself."""
    figure = picture.draw()
    vector = picture.kind in VECTOR
    content = _bytes(figure, "svg" if vector else "png")
    kind = "image/svg+xml" if vector else "image/png"
    text = base64.b64encode(content).decode("ascii")
    return Image(f"data:{kind};base64,{text}", picture.caption, picture.kind)


def _bytes(figure: style.Figure, kind: str) -> bytes:
    from matplotlib import rc_context

    buffer = io.BytesIO()
    # Equal results give equal pages: no dates, no random identifiers.
    metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
    with rc_context({"svg.hashsalt": "bayesnu"}):
        style.write_figure(figure, buffer, format=kind, metadata=metadata)
    return buffer.getvalue()
