"""What a judge says of an answer: scores, labels, yes/no questions, which of two is better."""

from __future__ import annotations

from evalkit.scorers.judge.scorer import Judge as Judge
