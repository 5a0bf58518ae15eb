"""Images, sounds and films beside a text: they are named and refused, so that no model is asked without them."""

from __future__ import annotations

from evalkit.core.errors import count_of
from evalkit.data.fields import UnreadableRow
from evalkit.data.rows import Row

MEDIA = ("images", "image", "videos", "video", "audios", "audio")
"""Keys under which LLaMA-Factory, TRL and others keep what a text points to"""


def refuse_media(row: Row) -> None:
    """Raise UnreadableRow where images or sounds stand beside the text."""
    for key in MEDIA:
        value = row.get(key)
        if value:
            count = count_of(len(value), "item") if isinstance(value, list) else "one item"
            raise UnreadableRow(
                f"`{key}` holds {count} that the text points to, and the model would be asked without: write them as "
                "content parts of openai-chat (image_url), or leave the row out"
            )
