"""Style: what rules can tell of a tone, what is learned from pairs, and the rules of a brand."""

from __future__ import annotations

from evalkit.scorers.style.brand import BrandFormat as BrandFormat
from evalkit.scorers.style.like import StyleLike as StyleLike
from evalkit.scorers.style.tone import Tone as Tone
