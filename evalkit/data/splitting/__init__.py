"""Splits of data sets: near-duplicates on one side, shares kept, old rows where they were."""
