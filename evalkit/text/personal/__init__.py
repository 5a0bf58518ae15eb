"""Finds personal data and secrets in text: pure, without a network, English and Japanese."""

from __future__ import annotations

from evalkit.text.personal.find import PersonalFinder as PersonalFinder
from evalkit.text.personal.find import find_personal as find_personal
from evalkit.text.personal.redact import redact as redact
from evalkit.text.personal.span import KINDS as KINDS
from evalkit.text.personal.span import Span as Span
