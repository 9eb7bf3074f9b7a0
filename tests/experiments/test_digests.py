"""The digest of a file is that of what it says: the format can grow without changing it."""

from pathlib import Path

from bayesnu.experiments.loading import load


def test_keys_that_came_later_are_in_digests_of_files_that_use_them(tmp_path: Path) -> None:
    text = repr(load("lz-2022-er@giunti-ternes-2023").file)
    later = ("source=SunOptions", "nuisances={", "correlations=", "in_quadrature=")
    assert not [key for key in later if key in text]
    assert "target='xenon'" in text
    run = repr(load("pandax4t-2024-8b").file)
    assert "bins=" not in run and "time=" not in run
    path = tmp_path / "own.toml"
    path.write_text(
        'extends = "lz-2022-er@giunti-ternes-2023"\n'
        '[nuisances.a]\nkind = "threshold"\nsigma = 0.1\n'
    )
    assert "nuisances={" in repr(load(path).file)
    assert load(path).digest != load("lz-2022-er@giunti-ternes-2023").digest
    csi = repr(load("coherent-csi-2021").file)
    assert all(key in csi for key in ("source=", "bins=", "time=", "target='CsI'"))
