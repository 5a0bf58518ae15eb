"""Rows of one format as rows of another: all of a row goes along, or the format refuses it by name."""
