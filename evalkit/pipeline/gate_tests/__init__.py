"""Gates as pytest items."""
