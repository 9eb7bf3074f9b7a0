"""Values in the bins of a run."""

from __future__ import annotations

from pydantic import Field, model_validator

from bayesnu.files.entry import Entry


class BinValues(Entry):
    """One value for every bin of a run: a column of a table, or a row of one.

    A row is named by the text in the table's first column; its values stand in the columns
    whose names start with `columns`.
    """

    table: str = Field(description="path, relative to the data folder or to this file")
    column: str | None = None
    row: str | None = None
    columns: str = Field("", description="row: how the names of the bins' columns start")
    per_t_yr: bool = Field(False, description="the values are per exposure")

    @model_validator(mode="after")
    def _one_source(self) -> BinValues:
        if (self.column is None) == (self.row is None):
            raise ValueError("give either column or row")
        if (self.row is not None) != bool(self.columns):
            raise ValueError("a row needs columns, and a column does not")
        return self
