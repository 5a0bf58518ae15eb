"""What `evalkit data check` asks of models: their tokenizers, their templates, and the servers that serve them."""

from __future__ import annotations

from evalkit.pipeline.data_check.rulers import ruler_of as ruler_of
from evalkit.pipeline.data_check.writers import parity_of as parity_of
