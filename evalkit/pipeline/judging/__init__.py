"""Judges: models asked about the answers of the arms, when all of them are there."""
