"""Transformers without its own progress bars and notes to library authors: what is said of a run is said by evalkit."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

AMONG_LIBRARIES = ("`is_gradient_checkpointing` is deprecated",)
"""How warnings begin that one library gives another (peft asks transformers by an old name); errors are never hidden"""
GGUF_READER = "transformers.modeling_gguf_pytorch_utils"


@contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars and the warnings `AMONG_LIBRARIES` inside.

    The settings of the process come back.
    """
    from transformers.utils import logging

    shown: Any = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            for begin in AMONG_LIBRARIES:
                warnings.filterwarnings("ignore", message=begin, category=FutureWarning)
            yield
    finally:
        if shown:
            logging.enable_progress_bar()


@contextmanager
def quiet_gguf() -> Iterator[None]:
    """Silence the GGUF reader's own bar, and all that `quiet` silences.

    The reader draws its bar past the setting of transformers.
    """
    reader: Any = importlib.import_module(GGUF_READER)
    bar = getattr(reader, "tqdm", None)
    with quiet():
        if bar is None:  # a transformers that draws it otherwise
            yield
            return
        reader.tqdm = partial(bar, disable=True)
        try:
            yield
        finally:
            reader.tqdm = bar
