"""The key `source` of experiment files: a name, or the options of a kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Discriminator, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import CoreSchema, core_schema

from bayesnu.physics.source import SourceOptions
from bayesnu.physics.sources import SOURCES

KINDS = " | ".join(f'"{name}"' for name in SOURCES if name != "sun")
EXPECTED = f'"sun", or a table with kind = {KINDS}'


def _kind(value: Any) -> str | None:
    """Return the kind that is named, if there is such a kind."""
    if isinstance(value, SourceOptions):
        value = value.model_dump()
    kind = value.get("kind") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind in SOURCES else None


class _Named:
    """A name alone is a source without options: source = "sun"."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def expand(value: Any) -> Any:
            return {"kind": value} if value == "sun" else value

        return core_schema.no_info_before_validator_function(expand, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        kinds = handler(schema)
        return {"anyOf": [{"const": "sun"}, *kinds.get("oneOf", [kinds])]}


if TYPE_CHECKING:
    SourceEntry = SourceOptions
else:
    SourceEntry = Annotated[
        Union[tuple(Annotated[options, Tag(name)] for name, options in SOURCES.items())],  # noqa: UP007
        Discriminator(
            _kind,
            custom_error_type="source_kind",
            custom_error_message=EXPECTED.replace("{", "{{"),
        ),
        _Named(),
    ]
