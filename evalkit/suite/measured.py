"""Metrics of an answer that no scorer has to look at."""

MEASURED = ("cost_usd", "first_token_s", "latency_s", "tokens_in", "tokens_out", "tokens_per_s", "tokens_thought")
"""Metrics that every suite has without a scorer; lower is better."""
