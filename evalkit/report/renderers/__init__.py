"""Blocks and verdicts to text: a page, a comment, a terminal, JUnit, JSON."""
