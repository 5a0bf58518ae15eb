"""The process in which a model's code runs: standard library only, and nothing of evalkit's own."""
