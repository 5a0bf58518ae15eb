"""Metrics of an answer that no scorer has to look at."""

MEASURED = ("cost_usd", "first_token_s", "latency_s", "tokens_in", "tokens_out", "tokens_per_s", "tokens_thought")
"""Metrics that every suite has without a scorer; lower is better."""

BEHAVIOUR = ("tool_call_rate",)
"""What group tables can show of answers without a scorer, and no gate can judge: neither side of it is better."""
