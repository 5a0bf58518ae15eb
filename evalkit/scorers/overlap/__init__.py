"""Overlap with the target: ROUGE, BLEU, chrF, TER and the F1 of tokens, each with its tokenizer named."""

from __future__ import annotations

from evalkit.scorers.overlap.bleu import Bleu as Bleu
from evalkit.scorers.overlap.chrf import Chrf as Chrf
from evalkit.scorers.overlap.rouge import Rouge as Rouge
from evalkit.scorers.overlap.ter import Ter as Ter
from evalkit.scorers.overlap.token_f1 import TokenF1 as TokenF1
