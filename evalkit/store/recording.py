"""The door to recordings; the noun lives in core because an arm is opened from one, too."""

from evalkit.core.recording import Recording, rows_digest

__all__ = ["Recording", "rows_digest"]
