"""Does an answer refuse, help in part, not know, or answer? Rules for English and Japanese."""

from __future__ import annotations

from evalkit.text.refusals.kind import Kind as Kind
from evalkit.text.refusals.kind import Stance as Stance
from evalkit.text.refusals.kind import find_stance as find_stance
from evalkit.text.refusals.kind import refuses as refuses
