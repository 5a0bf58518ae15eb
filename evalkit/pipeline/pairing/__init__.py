"""Both arms side by side, and the proof that they were asked the same."""
