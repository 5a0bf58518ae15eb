"""Provider `openai`: OpenAI, Azure, or any compatible server, through the official client.

A request becomes a body (`ask_*`), goes out when the flow lets it (`flow`, with `pace`, `rates`, `backoff` and
`breaker`), and what comes back is read (`read_*`, `failures`) into a response or a named failure.
"""

from evalkit.models.openai.open import open_openai

__all__ = ["open_openai"]
