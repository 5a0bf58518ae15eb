"""Property tests look for new counterexamples at a desk, at the same examples each time in CI; no clock fails one."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    """The language of a command that a test called in this process is not that of the next test."""
    yield
    from evalkit.cli.language import take_language

    take_language([], {})
