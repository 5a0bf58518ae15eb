"""Held out means never trained on: where a data set's questions stand in training files, and how surely."""
