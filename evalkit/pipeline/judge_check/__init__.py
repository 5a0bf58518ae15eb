"""Judges held against people: a kept run, labels of its answers, and what may be trusted of it."""
