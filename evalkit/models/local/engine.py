"""One set of base weights in memory, and every adapter put on it.

All arms on the same base share one engine: the base is loaded once, an arm is a choice of adapter (None is the base
itself, adapters off). A forward pass holds the engine's lock and computes for one arm only, so two models' requests
never share a batch.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.local.adapter import Changes
from evalkit.models.local.canary import are_alike, canary_logits
from evalkit.models.local.failures import require_fitting
from evalkit.models.local.masks import additive, causal
from evalkit.models.local.need import need
from evalkit.models.local.quiet import quiet
from evalkit.models.local.shaping import OwnSampling, own_sampling
from evalkit.models.local.slots import Behind, Layers
from evalkit.models.local.ways import Ways, context_length

Tensor = Any
FOR_A_WHILE = Changes()
KEPT_OPENINGS = 8
CACHE_NAMES = ("past_key_values", "cache", "cache_params", "state")
"""Most models, a newer transformers, Mamba, RWKV"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much one pass may take.

    It counts rows that decode together, tokens read at once, bytes of keys and values.
    """

    rows: int
    tokens: int
    cache_bytes: int

    @classmethod
    def for_device(cls, device: str) -> Room:
        """Return the figures that were fastest where measured.

        A CPU is busy with 1,024 tokens, a GPU wants many more.
        """
        if device.startswith("cuda"):
            return cls(rows=256, tokens=16_384, cache_bytes=8 * 1024**3)
        return cls(rows=64, tokens=1_024, cache_bytes=1536 * 1024**2)

    def halve(self) -> Room:
        """Return half of everything, for a machine that ran out of memory."""
        return Room(rows=max(1, self.rows // 2), tokens=max(1, self.tokens // 2), cache_bytes=self.cache_bytes // 2)


@dataclass(slots=True, kw_only=True)
class Engine:
    """A loaded base.

    `ways` says which ways of computing were proven to give this model's own logits (see `probe`).
    """

    model: Any
    device: str
    pad: int
    room: Room
    ways: Ways = field(default_factory=Ways)
    active: str | None = None
    peft: Any = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    token_bytes: int = 1
    """Bytes of keys and values that one token takes over all layers, as the probe found them"""
    broken: ModelError | None = None
    """Why no arm may be answered any more: an adapter was put on the base in part"""
    canary: dict[str | None, Tensor] = field(default_factory=dict)
    """Logits of a fixed prompt, by arm"""
    openings: OrderedDict[tuple[str | None, tuple[int, ...]], Layers] = field(default_factory=OrderedDict)

    @property
    def context_length(self) -> int | None:
        """The most tokens the model was made for.

        It is None when its config does not say.
        """
        return context_length(self.model.config)

    @property
    def takes(self) -> Mapping[str, Any]:
        """The parameters of the model's forward pass."""
        return inspect.signature(self.model.forward).parameters

    @property
    def vocabulary(self) -> int:
        """How many logits a token has."""
        return int(self.model.config.get_text_config().vocab_size)

    @property
    def cache_name(self) -> str:
        """The model's name for what it keeps of the text so far.

        That is keys and values, or a recurrent state.
        """
        return next((name for name in CACHE_NAMES if name in self.takes), CACHE_NAMES[0])

    @property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer, by the model's own generation config."""
        ids = self.model.generation_config.eos_token_id
        return frozenset(ids if isinstance(ids, list) else [] if ids is None else [ids])

    @property
    def own_sampling(self) -> OwnSampling:
        """How the model draws by itself, for requests that leave it to the model."""
        return own_sampling(self.model.generation_config)

    def add_adapter(self, key: str, folder: Path, *, changes: Changes = FOR_A_WHILE) -> None:
        """Put an adapter on the base under `key`, switched off until asked for.

        Once is enough.

        One that changes the base for good stays on: its engine is no other arm's.
        Raises ModelError for an adapter that fits only in part, or changes the base without saying so.
        """
        need("peft", purpose="using an adapter")
        with self.lock, quiet():
            if self.peft is not None and key in self.peft.peft_config and self.broken is None:
                return
            try:
                if changes.tokens is not None:
                    self.model.resize_token_embeddings(changes.tokens, mean_resizing=False)
                require_fitting(self._load_adapter(key, folder), folder)
            except Exception as error:  # each library behind it raises its own
                what = f"the adapter {folder} cannot be put on its base: {error}"
                self.broken = self.broken or (error if isinstance(error, ModelError) else ModelError(what))
                raise self.broken from error
            self.peft.eval()
            self.active = key
            if changes.why:
                self.canary.clear()
                self.openings.clear()
            else:
                self.switch(None)

    def _load_adapter(self, key: str, folder: Path) -> Any:
        """Load an adapter's weights; which of them were missing or fitted nowhere."""
        from peft import PeftModel

        if self.peft is None:
            self.peft = PeftModel.from_pretrained(self.model, folder, adapter_name=key)
        return self.peft.load_adapter(folder, adapter_name=key)

    def switch(self, adapter: str | None) -> None:
        """Make the next passes those of one arm; None is the base.

        Call it only while holding the lock.

        At every switch a fixed prompt is computed: an arm whose logits are not what they were is refused.
        """
        if adapter == self.active:
            return
        if adapter is None:
            self.peft.base_model.disable_adapter_layers()
        else:
            self.peft.base_model.enable_adapter_layers()
            self.peft.base_model.set_adapter(adapter)
        self.active = adapter
        self.sing()

    def sing(self) -> None:
        """Compute the active arm's canary and hold it against the one before.

        Raises ModelError where they differ.
        """
        found = canary_logits(self.model, vocabulary=self.vocabulary, device=self.device)
        before = self.canary.setdefault(self.active, found)
        if before is not found and not are_alike(found, before):
            self.broken = ModelError(
                Problem(
                    what=f"the {'base' if self.active is None else 'adapter'} computes other logits than before "
                    "another arm was asked: an adapter on this base changes it for good",
                    todo="merge that adapter into its base (merge_and_unload), and give the merged folder as `model:`",
                )
            )
            raise self.broken

    def forward(
        self, adapter: str | None, ids: Tensor, *, positions: Tensor, mask: Tensor, cache: Any, keep: int = 1
    ) -> Tensor:
        """Compute one pass for one arm.

        Returns logits (rows, keep, vocabulary) of the last `keep` columns; `cache` is filled.
        """
        if self._adds_masks:
            mask = additive(mask, self.model.dtype)
        out = self.call(adapter, ids, positions=positions, mask=mask, cache=cache, keep=keep, use_cache=True)
        return out.logits[:, -keep:]

    @property
    def _adds_masks(self) -> bool:
        """Whether attention adds its mask to the scores (Gemma 2, gpt-oss), where others read true and false."""
        return getattr(self.model.config.get_text_config(), "_attn_implementation", "sdpa") == "eager"

    def call(
        self, adapter: str | None, ids: Tensor, *, positions: Any, mask: Any, cache: Any, keep: int, use_cache: bool
    ) -> Any:
        """Return the model's own output of one pass for one arm.

        What the model does not take is left out.
        """
        import torch

        takes = self.takes
        given = {
            "attention_mask": mask,
            "position_ids": positions,
            self.cache_name: cache,
            "use_cache": use_cache,
            "logits_to_keep": keep,
        }
        known = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in takes.values())
        given = {k: v for k, v in given.items() if v is not None and (known or k in takes)}
        with self.lock, torch.inference_mode():
            if self.broken is not None:
                raise self.broken
            self.switch(adapter)
            return self.model(input_ids=ids, **given)

    def opening(self, adapter: str | None, ids: tuple[int, ...]) -> tuple[Layers | None, float]:
        """Return an opening's keys and values for one arm, and the seconds taken.

        They are computed once and kept; the seconds are those that it took now.
        """
        import torch

        if not ids:
            return None, 0.0
        with self.lock:
            kept = self.openings.get((adapter, ids))
            if kept is not None:
                self.openings.move_to_end((adapter, ids))
                return kept, 0.0
            started = self.clock()
            cache = Behind()
            row = torch.tensor([ids], device=self.device)
            mask = causal(torch.ones_like(row, dtype=torch.bool), 0)
            positions = torch.arange(len(ids), device=self.device)[None]
            self.forward(adapter, row, positions=positions, mask=mask, cache=cache)
            self.openings[adapter, ids] = cache.layers
            while len(self.openings) > KEPT_OPENINGS:
                self.openings.popitem(last=False)
            return cache.layers, self.clock() - started

    def forget(self) -> None:
        """Drop the openings kept, and what the device keeps for later."""
        self.openings.clear()
        if self.device.startswith("cuda"):
            import torch

            torch.cuda.empty_cache()

    def clock(self) -> float:
        """Return the seconds, after the device has finished what it was given."""
        if self.device.startswith("cuda"):
            import torch

            torch.cuda.synchronize()
        return time.perf_counter()
