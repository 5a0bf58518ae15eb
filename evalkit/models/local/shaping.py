"""What a model's own generation config does to logits before a token is drawn: honoured, or named.

Used where a request leaves the temperature to the model (`temperature: null`), as transformers' `generate` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Tensor = Any
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "repetition_penalty": (None, 1, 1.0), "no_repeat_ngram_size": (None, 0), "bad_words_ids": (None, []),
    "suppress_tokens": (None, []), "begin_suppress_tokens": (None, []),
    "top_k": (None, 0), "min_p": (None, 0, 0.0), "typical_p": (None, 1, 1.0), "epsilon_cutoff": (None, 0, 0.0),
    "eta_cutoff": (None, 0, 0.0),
}  # fmt: skip
"""What is honoured, with the values that change nothing"""
LEFT_OUT: dict[str, tuple[Any, ...]] = {
    "num_beams": (None, 1), "penalty_alpha": (None, 0, 0.0), "min_length": (None, 0), "min_new_tokens": (None, 0),
    "guidance_scale": (None, 1, 1.0), "sequence_bias": (None, {}), "exponential_decay_length_penalty": (None,),
    "forced_bos_token_id": (None,), "forced_eos_token_id": (None,), "dola_layers": (None,), "top_h": (None,),
    "encoder_repetition_penalty": (None, 1, 1.0), "remove_invalid_values": (None, False),
    "watermarking_config": (None,), "renormalize_logits": (None, False),
}  # fmt: skip
"""What is not, and is named"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSampling:
    """How a model draws by itself.

    `shape(ids, prompt, logits, temperature)` gives logits ready to be drawn from.

    `ids` are all tokens so far, `prompt` how many of them were read; temperature 0 is greedy.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    shape: Callable[[Sequence[int], int, Tensor, float], Tensor] | None = None


def own_sampling(config: Any) -> OwnSampling:
    """Return the sampling of a transformers GenerationConfig."""
    given = config.to_dict()
    sampled = bool(config.do_sample)
    temperature, top_p = given.get("temperature"), given.get("top_p")
    shaped = bool(set_in(given, NEUTRAL)) if sampled else bool(_penalties(given))
    return OwnSampling(
        temperature=(1.0 if temperature is None else float(temperature)) if sampled else 0.0,
        top_p=1.0 if top_p is None or not sampled else float(top_p),
        shape=(lambda *now: _shape(given, *now)) if shaped else None,
    )


def set_in(config: Mapping[str, Any], neutral: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """Return the entries of a generation config that change something."""
    return {name: config[name] for name, usual in neutral.items() if config.get(name) not in usual}


def _penalties(given: Mapping[str, Any]) -> dict[str, Any]:
    names = ("repetition_penalty", "no_repeat_ngram_size", "bad_words_ids", "suppress_tokens", "begin_suppress_tokens")
    return {name: value for name, value in set_in(given, NEUTRAL).items() if name in names}


def _shape(given: Mapping[str, Any], ids: Sequence[int], prompt: int, logits: Tensor, temperature: float) -> Tensor:
    """(vocabulary,) logits with transformers' own processors, in its own order."""
    import torch
    from transformers import generation as g

    own = set_in(given, NEUTRAL)
    device, eos = logits.device, given.get("eos_token_id")
    row, scores = torch.tensor([list(ids)], device=device), logits[None].float()
    steps: list[Any] = []
    if "repetition_penalty" in own:
        steps.append(g.RepetitionPenaltyLogitsProcessor(float(own["repetition_penalty"])))
    if "no_repeat_ngram_size" in own:
        steps.append(g.NoRepeatNGramLogitsProcessor(int(own["no_repeat_ngram_size"])))
    if "bad_words_ids" in own:
        steps.append(g.NoBadWordsLogitsProcessor(own["bad_words_ids"], eos_token_id=eos))
    if "suppress_tokens" in own:
        steps.append(g.SuppressTokensLogitsProcessor(own["suppress_tokens"], device=device))
    if "begin_suppress_tokens" in own:
        steps.append(g.SuppressTokensAtBeginLogitsProcessor(own["begin_suppress_tokens"], prompt, device=device))
    if temperature:
        steps += _cutoffs(g, own, temperature, device)
    for step in steps:
        scores = step(row, scores)
    return scores[0]


def _cutoffs(g: Any, own: Mapping[str, Any], temperature: float, device: Any) -> list[Any]:
    steps: list[Any] = [] if temperature == 1 else [g.TemperatureLogitsWarper(temperature)]
    if "top_k" in own:
        steps.append(g.TopKLogitsWarper(top_k=int(own["top_k"])))
    if "min_p" in own:
        steps.append(g.MinPLogitsWarper(min_p=float(own["min_p"])))
    if "typical_p" in own:
        steps.append(g.TypicalLogitsWarper(mass=float(own["typical_p"])))
    if "epsilon_cutoff" in own:
        steps.append(g.EpsilonLogitsWarper(epsilon=float(own["epsilon_cutoff"])))
    if "eta_cutoff" in own:
        steps.append(g.EtaLogitsWarper(epsilon=float(own["eta_cutoff"]), device=device))
    return steps
