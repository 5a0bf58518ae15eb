"""Likeness of meaning by embeddings."""

from __future__ import annotations

from evalkit.scorers.embedding.scorer import Embedding as Embedding
