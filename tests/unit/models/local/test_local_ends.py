"""A turn ends where its template says; what the model says of its own sampling is honoured or named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from local_tiny import TEMPLATE, ask, save_tokenizer

from evalkit.core.exchange import Request
from evalkit.models.context import Context
from evalkit.models.local import LocalModel, open_local
from evalkit.models.local.prompt import Prompt
from evalkit.models.local.words import dates
from evalkit.suite.spec import ModelSpec

Opener = Callable[..., LocalModel]
CHAT = (
    "{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)


@pytest.fixture
def chatty(local_files: Path) -> str:
    """The folder `chatty`: turns end with a token that neither generation config nor tokenizer names as an end."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder = local_files / "chatty"
    if not folder.is_dir():
        save_tokenizer(folder)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer.add_special_tokens({"additional_special_tokens": ["<|start|>", "<|end|>", "<call>"]})
        tokenizer.chat_template = CHAT
        tokenizer.save_pretrained(folder)
        torch.manual_seed(3)
        config = LlamaConfig(
            vocab_size=263, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.25, bos_token_id=0,
            eos_token_id=1, pad_token_id=2,
        )  # fmt: skip
        LlamaForCausalLM(config).save_pretrained(folder)
    return "chatty"


def pushed(model: LocalModel, tokens: list[int], **sampling: Any) -> tuple[str, str | None, int]:
    """The text, the finish and the number of tokens when a model draws these tokens."""
    request = ask("red", max_tokens=20, **sampling)
    (prompt,) = model.renderer.prompts([request])
    assert isinstance(prompt, Prompt)
    row = model._row(prompt, model.engine())
    for token in tokens:
        if row.push(token):
            break
    return row.text(), row.finish, len(row.tokens)


def ids(model: LocalModel, text: str) -> list[int]:
    return list(model.renderer.tokenizer(text, add_special_tokens=False)["input_ids"])


def test_the_end_of_turn_of_the_template_ends_a_turn_whatever_the_generation_config_says(
    arm: Opener, chatty: str
) -> None:
    model = arm(chatty)
    assert model.renderer.end_of_turn == model.renderer.tokenizer.convert_tokens_to_ids("<|end|>")
    assert model.engine().ends == {1}
    assert pushed(model, ids(model, "yes<|end|>no")) == ("yes", "stop", 4)


def test_a_template_without_an_end_token_adds_none(arm: Opener) -> None:
    assert arm("tiny").renderer.end_of_turn is None
    assert arm("tiny", chat_template="plain").renderer.end_of_turn is None
    refusing = "{% if messages[0].role != 'system' %}{{ raise_exception('no') }}{% endif %}" + TEMPLATE
    assert arm("tiny", chat_template=refusing).renderer.end_of_turn is None
    ending = refusing.replace("{{ message['content'] }}", "{{ message['content'] }}{{ eos_token }}")
    assert arm("tiny", chat_template=ending).renderer.end_of_turn == 1


@pytest.mark.parametrize("stop", ["<call>", "no<call>", "<call>n"])
def test_a_stop_string_with_special_tokens_stops(arm: Opener, chatty: str, stop: str) -> None:
    model = arm(chatty)
    text, finish, _ = pushed(model, ids(model, "yes no<call>no"), stop=(stop,))
    assert (text, finish) == (
        "yes no".removesuffix(stop.removesuffix("<call>")) if stop[0] == "n" else "yes no",
        "stop",
    )
    assert pushed(arm(chatty, stop=[stop]), ids(model, "yes no<call>no"))[1] == "stop"
    assert pushed(model, ids(model, "yes no no"), stop=(stop,))[1] is None


def own(folder: Path, name: str, **generation: Any) -> str:
    """A copy of `tiny` with a generation config of its own."""
    copy = folder / name
    if not copy.is_dir():
        shutil.copytree(folder / "tiny", copy)
        path = copy / "generation_config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | generation))
    return name


def drawn(model: LocalModel, requests: list[Request]) -> list[str | None]:
    found = {response.example_id: response.text for response in model.answer(requests)}
    return [found[request.example_id] for request in requests]


def generated(folder: Path, model: LocalModel, requests: list[Request], **how: Any) -> list[str]:
    """What transformers' own `generate` answers."""
    import torch
    from transformers import AutoModelForCausalLM

    reference = AutoModelForCausalLM.from_pretrained(folder).eval()
    answers = []
    for request in requests:
        (prompt,) = model.renderer.prompts([request])
        row = torch.tensor([prompt.ids])  # type: ignore[union-attr]
        out = reference.generate(
            input_ids=row, attention_mask=torch.ones_like(row), max_new_tokens=request.sampling.max_tokens, **how
        )
        answers.append(model.renderer.tokenizer.decode(out[0, row.shape[1] :], skip_special_tokens=True))
    return answers


QUESTIONS = [ask(word, temperature=None, max_tokens=16) for word in ("red", "green", "blue or green", "late", "tall")]


@pytest.mark.parametrize(
    "generation",
    [
        {},
        {"repetition_penalty": 3.0},
        {"no_repeat_ngram_size": 1},
        {"suppress_tokens": list(range(40, 90))},
        {"do_sample": True, "top_k": 1},
        {"do_sample": True, "temperature": 0.7, "min_p": 1.0},
        {"do_sample": True, "typical_p": 1e-6, "top_k": 1},
    ],
    ids=str,
)
def test_a_temperature_of_null_is_the_models_own_draw(
    arm: Opener, local_files: Path, generation: dict[str, Any]
) -> None:
    name = own(local_files, f"own-{abs(hash(str(generation)))}", **generation)
    model = arm(name)
    answers = drawn(model, QUESTIONS)
    assert answers == generated(local_files / name, model, QUESTIONS)
    greedy = drawn(model, [ask(str(q.messages[1].content), max_tokens=16) for q in QUESTIONS])
    assert (answers == greedy) == (
        not set(generation) & {"repetition_penalty", "no_repeat_ngram_size", "suppress_tokens"}
    )


def test_top_k_and_temperature_of_the_model_shape_its_draws(arm: Opener, local_files: Path) -> None:
    wide = own(local_files, "own-wide", do_sample=True, temperature=1.5)
    narrow = own(local_files, "own-narrow", do_sample=True, temperature=1.5, top_k=2)
    asked = [ask("red", temperature=None, max_tokens=1, repeat=i, id=str(i)) for i in range(60)]
    few = [ask("red", temperature=None, max_tokens=1, repeat=i, id=str(i)) for i in range(60)]
    assert len(set(drawn(arm(wide), asked))) > 5
    assert 1 < len(set(drawn(arm(narrow), few))) <= 2


def test_a_suites_own_temperature_takes_nothing_of_the_generation_config(arm: Opener, local_files: Path) -> None:
    name = own(local_files, "own-penalty", repetition_penalty=3.0, do_sample=True, top_k=2)
    asked = [ask(word, max_tokens=12) for word in ("red", "green")]
    assert drawn(arm(name), asked) == drawn(arm("tiny"), asked)


def test_what_is_not_taken_from_the_generation_config_is_named_beside_the_verdict(
    arm: Opener, local_files: Path
) -> None:
    name = own(local_files, "own-named", do_sample=True, top_k=20, repetition_penalty=1.05, num_beams=4)
    assert arm(name).notes == (
        f"{name}: repetition_penalty: 1.05, top_k: 20 of its generation config counts only where `temperature` is null",
        f"{name}: num_beams: 4 of its generation config is left out",
    )
    assert arm("tiny").notes == ()


DATED = "{{ strftime_now('%d %B %Y') }} " + TEMPLATE
DAY = 86_400.0


def at(now: float, root: Path, **spec: Any) -> LocalModel:
    made = ModelSpec.model_validate({"provider": "local", "model": "tiny", "device": "cpu", **spec})
    return open_local("dated", made, Context(root=root, environ={"EVALKIT_CACHE": str(root / "c")}, now=lambda: now))


def test_a_template_that_writes_the_date_is_another_key_on_another_day(local_files: Path) -> None:
    first, same, later = (at(now, local_files, chat_template=DATED) for now in (0.0, DAY / 2, DAY))
    prompts = [model.renderer.prompts([ask("red")])[0] for model in (first, same, later)]
    read = [first.renderer.tokenizer.decode(list(prompt.ids)) for prompt in prompts]  # type: ignore[union-attr]
    assert [text[:15] for text in read] == ["01 January 1970", "01 January 1970", "02 January 1970"]
    prints = [model.identity.fingerprint for model in (first, same, later)]
    assert prints[0] == prints[1] != prints[2]
    assert "01 January 1970" in first.notes[0]
    undated = [at(now, local_files).identity.fingerprint for now in (0.0, DAY)]
    assert undated[0] == undated[1]


def test_a_date_of_the_tokenizers_own_template_is_seen_too(local_files: Path) -> None:
    copy = local_files / "dated-own"
    shutil.copytree(local_files / "tiny", copy)
    (copy / "chat_template.jinja").write_text(DATED, "utf-8")
    one, two = (at(now, local_files, model="dated-own").identity.fingerprint for now in (0.0, DAY))
    assert one != two


def test_a_clock_that_is_read_without_a_plain_format_counts_to_the_second() -> None:
    template = "{% set f = '%H' %}{{ strftime_now(f) }} {{ strftime_now('%Y') }}"
    assert dates(template, 0.0) != dates(template, 1.0)
    assert dates("{{ strftime_now('%Y') }}", 0.0) == dates("{{ strftime_now('%Y') }}", DAY)
    assert dates("no clock", 0.0) == dates(None, 0.0) == {}


def test_what_a_template_is_given_reaches_it_and_is_part_of_the_key(arm: Opener) -> None:
    template = "{{ mood or 'plain' }}:{{ messages[-1].content }}"
    loud = arm("tiny", chat_template=template, chat_template_kwargs={"mood": "loud"})
    plain = arm("tiny", chat_template=template)
    for model, expected in ((loud, "loud:red"), (plain, "plain:red")):
        (prompt,) = model.renderer.prompts([ask("red")])
        assert model.renderer.tokenizer.decode(list(prompt.ids)) == expected  # type: ignore[union-attr]
    assert loud.identity.fingerprint != plain.identity.fingerprint


def test_a_default_system_prompt_of_a_template_is_part_of_the_key(arm: Opener) -> None:
    one, two = (arm("tiny", chat_template=f"You are {name}. " + TEMPLATE) for name in ("Q", "R"))
    assert one.identity.fingerprint != two.identity.fingerprint
    tokens = [next(model.answer([ask("red", max_tokens=1)])).tokens_sha256 for model in (one, two)]
    assert tokens[0] != tokens[1]


def test_deterministic_answers_do_not_depend_on_what_is_asked_beside_them(arm: Opener, said: list[str]) -> None:
    import random

    rng = random.Random(1)
    asked = [ask(" ".join(rng.choices(("red", "late", "tall"), k=rng.randint(1, 9))), id=str(i)) for i in range(8)]
    scored = [ask(f"why {i}", id=f"c{i}", choices=("a", "bb")) for i in range(4)]
    model = arm("tiny", dtype="bfloat16", deterministic=True)
    together = {r.example_id: (r.text, r.choice_scores) for r in model.answer([*asked, *scored])}
    for request in (*scored, *asked):
        response = next(model.answer([request]))
        assert (response.text, response.choice_scores) == together[request.example_id]
    assert model.identity.fingerprint != arm("tiny", dtype="bfloat16").identity.fingerprint
    assert model.notes == ()
    assert not any("made-up answers" in line for line in said)


def test_batch_invariance_is_measured_and_told_where_numbers_round_coarsely(arm: Opener, said: list[str]) -> None:
    model = arm("tiny", dtype="bfloat16")
    model.engine()
    (line,) = [line for line in said if "made-up answers" in line]
    count = int(line.partition("bfloat16: ")[2].partition(" of ")[0])
    assert 0 <= count <= 8
    assert line.startswith("tiny in bfloat16: ")
    assert "deterministic: true" in model.notes[0]
    said.clear()
    arm("tiny").engine()
    assert not any("made-up answers" in line for line in said)


def test_batch_invariance_counts_the_answers_that_differ(arm: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    from evalkit.models.local import told
    from evalkit.models.local.engine import Engine

    engine = arm("tiny").engine()
    assert told.batch_invariance(engine, None) == told.ANSWERS
    real = Engine.forward

    def crowded(self: Engine, adapter: str | None, row: Any, **rest: Any) -> Any:
        logits = real(self, adapter, row, **rest)
        return -logits if row.shape[0] > 1 else logits

    monkeypatch.setattr(Engine, "forward", crowded)
    assert told.batch_invariance(engine, None) < told.ANSWERS
