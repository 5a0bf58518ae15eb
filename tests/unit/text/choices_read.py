"""What the tests of text choices share."""

from __future__ import annotations

CITIES = ("London", "Paris", "Rome", "Berlin")
