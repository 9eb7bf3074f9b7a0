"""A model file reads tables beside it or in the package, and nothing else."""

from pathlib import Path

import pytest
from experiment_files import OWN_COUNTS, OWN_MODEL

from bayesnu.errors import InputError
from bayesnu.experiments.loading import load


def with_counts(name: str) -> str:
    return OWN_MODEL.replace('"counts.csv"', f'"{name}"')


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A perfectly good table that stands outside the model's folder."""
    path = tmp_path / "elsewhere" / "counts.csv"
    path.parent.mkdir()
    path.write_text(OWN_COUNTS)
    return path


@pytest.mark.parametrize(
    "name", ["../elsewhere/counts.csv", "sub/../../elsewhere/counts.csv", "{absolute}"]
)
def test_a_table_outside_is_refused_unless_allowed(own_model, outside: Path, name: str) -> None:
    path = own_model(model=with_counts(name.format(absolute=outside)))
    (path.parent / "sub").mkdir()
    with pytest.raises(InputError, match="inside the file's own folder or the packaged data"):
        load(path)
    assert load(path, allow_outside=True).observed.sum() == 67


def test_a_link_that_leads_outside_is_refused(own_model, outside: Path) -> None:
    path = own_model(model=with_counts("link.csv"))
    (path.parent / "link.csv").symlink_to(outside)
    with pytest.raises(InputError, match="own folder"):
        load(path)


@pytest.mark.parametrize("name", ["/etc/hostname", "../../../../../../etc/hostname"])
def test_files_of_the_system_are_not_even_looked_at(own_model, name: str) -> None:
    with pytest.raises(InputError, match="own folder") as error:
        load(own_model(model=with_counts(name)))
    assert "columns" not in str(error.value)


def test_packaged_models_cannot_leave_the_data_folder(variant) -> None:
    path = variant("lz-2022-er", 'observed = [{ counts = "../models/lz-2022-er.toml" }]\n')
    with pytest.raises(InputError, match="own folder"):
        load(path)


def test_tables_in_folders_below_and_in_the_package_are_read(own_model) -> None:
    path = own_model(model=with_counts("tables/counts.csv"))
    (path.parent / "tables").mkdir()
    (path.parent / "counts.csv").rename(path.parent / "tables" / "counts.csv")
    assert load(path).observed.sum() == 67
    packaged = OWN_MODEL.replace('"efficiency.csv"', '"xenonnt-2022-er/efficiency.csv"')
    tables = {table.path.name for table in load(own_model(model=packaged)).tables}
    assert tables == {"efficiency.csv", "counts.csv"}
