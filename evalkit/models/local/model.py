"""A local model behind the `Model` socket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from evalkit.core.errors import ModelError, Problem
from evalkit.core.exchange import Failure, Json, ModelIdentity, Request, Response
from evalkit.core.ports import ModelFacts
from evalkit.models.context import Context
from evalkit.models.local.arm import LocalArm
from evalkit.models.local.decoding import decoder
from evalkit.models.local.device import describe_place
from evalkit.models.local.engine import Engine, Room
from evalkit.models.local.need import need
from evalkit.models.local.passages import Passages, no_room, passages_of
from evalkit.models.local.prompt import Prompt, Renderer
from evalkit.models.local.responses import chosen_response, failed_response, measured_response, written_response
from evalkit.models.local.sampling import Decode, Row, draw_for
from evalkit.models.local.schedule import answer_choices, answer_rows
from evalkit.models.local.texts import measure_passages
from evalkit.models.local.told import describe_loaded, notes
from evalkit.models.local.windows import cut_windows
from evalkit.models.recipe import Recipe
from evalkit.suite.spec import ModelSpec

WINDOW = 16
"""Reading passes of a whole device that a window is worth: enough to sort by length, few enough to share"""
DEFAULT_MAX_TOKENS = 256


class LocalModel:
    """One arm: a base, perhaps an adapter, a tokenizer and a chat template."""

    scores_choices = True

    def __init__(self, name: str, spec: ModelSpec, context: Context) -> None:
        self.arm = LocalArm(name, spec, context)
        self.context = context
        self._borrowed: Engine | None = None
        self._rests = False

    @property
    def identity(self) -> ModelIdentity:
        """Who answers, by the content of its files; no weights are loaded."""
        return self.arm.identity

    @property
    def facts(self) -> ModelFacts:
        """Free: it runs on this machine, and measures texts."""
        return ModelFacts(metered=False, measures_text=True, continues=True)

    def recipe(self) -> Recipe:
        """Return what another process needs to open this arm."""
        arm, context = self.arm, self.context
        return Recipe(name=arm.name, spec=arm.spec, root=context.root, seed=context.seed, instant=arm.instant)

    def place(self) -> dict[str, Json]:
        """Return where and with what this process computes it."""
        return describe_place(self.arm.device)

    @cached_property
    def renderer(self) -> Renderer:
        """The tokenizer of this arm (its adapter's where it brings one) with its template."""
        need("transformers")
        from transformers import AutoTokenizer

        folder, code = self.arm.tokenizer.folder, self.arm.spec.trust_remote_code
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=code)
        except (OSError, ValueError, ImportError) as error:
            raise ModelError(Problem(what=f"the tokenizer in {folder} cannot be read: {error}")) from error
        arm = self.arm
        return Renderer(
            tokenizer=tokenizer,
            label=arm.name,
            template=arm.template,
            system=arm.spec.system,
            values=arm.spec.chat_template_kwargs,
            dates=arm.dates,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how this arm is asked.

        It is told from its files alone, for the verdict.
        """
        return notes(self.arm)

    def engine(self) -> Engine:
        """Return the loaded base, shared with every other arm on it."""
        if self._borrowed is None:
            need()
            from evalkit.models.local.loading import borrow

            tokenizer = self.renderer.tokenizer
            pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
            base, say, loaded = self.arm.base_label, self.context.progress, []

            def loads() -> None:
                loaded.append(base)
                say(f"Loading {base} on {self.arm.device}")

            code = self.arm.spec.trust_remote_code
            self._borrowed = borrow(self.arm.key, self.arm.base.folder, pad=pad or 0, code=code, loads=loads)
            if self.arm.adapter is not None and self.arm.adapter_key is not None:
                say(f"Using {base} with the adapter {self.arm.adapter.label}{self._apart}")
                self._borrowed.add_adapter(self.arm.adapter_key, self.arm.adapter.folder, changes=self.arm.changes)
            if loaded:
                for sentence in describe_loaded(self._borrowed, self.arm):
                    say(sentence)
        return self._borrowed

    @property
    def _apart(self) -> str:
        why = self.arm.changes.why
        return f", on a base of its own: {why}" if why else ""

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Yield responses as they are finished, in any order.

        Requests are drawn in windows.
        """
        for window in self.windows(requests):
            yield from self._window(window)

    def windows(self, requests: Iterable[Request]) -> Iterator[Sequence[Request]]:
        """Cut a plan into windows, by its texts alone; nothing is loaded."""
        return cut_windows(requests, budget=WINDOW * Room.for_device(self.arm.device).tokens)

    def answer_windows(self, windows: Iterable[Sequence[Request]]) -> Iterator[Sequence[Response]]:
        """Yield responses as they are finished, window by window."""
        for window in windows:
            for response in self._window(window):
                yield [response]

    def _window(self, window: Sequence[Request]) -> Iterator[Response]:
        need()
        measured = [request for request in window if request.stretch is not None]
        if measured:
            yield from self._measure(measured)
            window = [request for request in window if request.stretch is None]
        engine, progress, adapter = self.engine(), self.context.progress, self.arm.adapter_key
        served = self.identity.model
        asked: list[Prompt] = []
        for request, prompt in zip(window, self.renderer.prompts(window), strict=True):
            failure = prompt if isinstance(prompt, Failure) else too_long(prompt, engine.context_length)
            if isinstance(prompt, Prompt):
                require_known(prompt, engine, self.arm.name)
            if failure is not None:
                yield failed_response(request, failure)
            elif isinstance(prompt, Prompt):
                asked.append(prompt)
        self._mind_tools(asked)
        alone = self.arm.spec.deterministic
        scored_ones = [prompt for prompt in asked if prompt.choices]
        for scored in answer_choices(engine, adapter, scored_ones, progress, deterministic=alone):
            yield chosen_response(scored, served_model=served)
        rows = [self._row(prompt, engine) for prompt in asked if not prompt.choices]
        for row in answer_rows(engine, adapter, rows, progress, deterministic=alone):
            yield written_response(row, served_model=served)

    def _measure(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Log-likelihoods of texts: what each request asks to be measured."""
        engine, served, rows = self.engine(), self.identity.model, list[Passages]()
        for request in requests:
            found = passages_of(self.renderer, request)
            failure = found if isinstance(found, Failure) else no_room(found, engine.context_length)
            if failure is not None:
                yield failed_response(request, failure)
            elif isinstance(found, Passages):
                require_known(found.whole, engine, self.arm.name)
                rows.append(found)
        alone = self.arm.spec.deterministic
        for row in measure_passages(engine, self.arm.adapter_key, rows, self.context.progress, deterministic=alone):
            yield measured_response(row, served_model=served)

    def _mind_tools(self, prompts: Sequence[Prompt]) -> None:
        """Say so when a request brings tools that neither the template nor the messages show."""
        if self.renderer.shows_tools:
            return
        for prompt in prompts:
            shown = "\n".join(str(message.content) for message in prompt.request.messages)
            names = [str(tool.get("function", tool).get("name")) for tool in prompt.request.tools]
            if any(name not in shown for name in names):
                name = self.arm.name
                self.context.progress(
                    f"The chat template of {name} does not show tools: write them into the suite's system prompt"
                )
                return

    def _row(self, prompt: Prompt, engine: Engine) -> Row:
        """A prompt with how it is drawn and when it is over."""
        sampling = prompt.request.sampling
        limit = sampling.max_tokens if sampling.max_tokens is not None else DEFAULT_MAX_TOKENS
        if engine.context_length is not None:
            limit = min(limit, engine.context_length - len(prompt.ids))
        stops = tuple(stop for stop in (*sampling.stop, *self.arm.spec.stop) if stop)
        return Row(
            prompt=prompt,
            draw=draw_for(prompt, sampling, default=engine.own_sampling, seed=self.context.seed),
            limit=limit,
            ends=engine.ends | self._ends,
            stops=stops,
            marks=tuple(mark for stop in stops if (mark := self.renderer.mark(stop))),
            decode=self._decode,
        )

    @cached_property
    def _decode(self) -> Decode:
        return decoder(self.renderer.tokenizer)

    @cached_property
    def _ends(self) -> frozenset[int]:
        """The end tokens of tokenizer and template: they end a turn whatever the model's generation config says."""
        return frozenset({self.renderer.tokenizer.eos_token_id, self.renderer.end_of_turn} - {None})

    def rest(self) -> None:
        """Let go of the engine until it is asked again.

        Its weights stay in memory as long as no other base needs the room.
        """
        if self._borrowed is not None:
            from evalkit.models.local.loading import rest

            self._borrowed, self._rests = None, True
            rest(self.arm.key)

    def close(self) -> None:
        """Give the engine back.

        Its weights leave memory with the last arm that uses it.
        """
        from evalkit.models.local.loading import forget, give_back

        if self._borrowed is not None:
            self._borrowed = None
            give_back(self.arm.key)
        elif self._rests:
            forget(self.arm.key)
        self._rests = False


def require_known(prompt: Prompt, engine: Engine, name: str) -> None:
    """Raise ModelError for a token that the model has no embedding for.

    The tokenizer belongs to another model.
    """
    most = max((*prompt.ids, *(token for choice in prompt.choices for token in choice)), default=0)
    if most >= engine.vocabulary:
        raise ModelError(
            Problem(
                what=f"the tokenizer of {name} writes token {most}, and the model knows {engine.vocabulary} tokens",
                todo="give the tokenizer that belongs to the model, or save the adapter with its resized embeddings",
            )
        )


def too_long(prompt: Prompt, context_length: int | None) -> Failure | None:
    """Return a failure when a prompt leaves the model no room.

    It needs room to answer the prompt, or to hold its longest choice.
    """
    needed = len(prompt.ids) + max((len(choice) for choice in prompt.choices), default=1)
    if context_length is None or needed <= context_length:
        return None
    return Failure(
        kind="context_length",
        message=f"the prompt has {len(prompt.ids)} tokens, and the model was made for {context_length} with its answer",
    )
