"""What all tests share: where they draw without saying from which seed, it is shifted too."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from monte_carlo import SHIFT, shifted_defaults

from bayesnu.inference.settings import Settings

pytest_plugins = (
    "fixtures_analysis",
    "fixtures_darwin",
    "fixtures_demo",
    "fixtures_experiments",
    "fixtures_inference",
)
"""Fixtures that tests of several folders share, in tests/helpers."""


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """Let tests of Ctrl-C run in the background too, where shells have it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def shifted_settings() -> Iterator[None]:
    """Shift the default seed of `Settings` by `BAYESNU_TEST_SEED`."""
    with pytest.MonkeyPatch.context() as patch:
        if SHIFT:
            patch.setattr(Settings.__init__, "__defaults__", shifted_defaults())
        yield
