"""Floor 2: held-out examples from the formats of the fine-tuning world; sampling, splitting, checking, converting."""
