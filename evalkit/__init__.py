"""evalkit: deploy a fine-tuned language model, or do not - with evidence.

A suite says what matters, models answer, scorers measure, statistics compare, gates decide, reports show.
"""

__version__ = "0.1.0"
