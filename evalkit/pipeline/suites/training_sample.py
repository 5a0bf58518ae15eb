"""The sample of training rows that a suite has asked: read, drawn, and asked as it stands or with its answer begun."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from evalkit.core.errors import EvalkitError, Problem, SuiteError
from evalkit.core.exchange import Example, Message
from evalkit.core.fingerprint import digest
from evalkit.core.ports import JudgingScorer, StretchScorer
from evalkit.data.conversations import is_run
from evalkit.data.guess import guess_format
from evalkit.data.read import UnsoundData, read_examples
from evalkit.pipeline.suites.named_scorer import NamedScorer, has_tags
from evalkit.pipeline.suites.prompt_parts import PromptParts
from evalkit.pipeline.suites.templated import TemplatedScorer
from evalkit.suite.load import Suite
from evalkit.suite.prompt_spec import PromptSpec
from evalkit.suite.training_spec import TrainingSpec
from evalkit.text.completions import BEGUN, CONTINUE, completion_of

ASKED, PREFIX = "asked", "prefix"
"""The two ways in which training rows are asked"""
TIMES = "times"
"""Key of `Example.extra`: how often the row stands in the training files"""
_LEAST_LEFT = 10
"""Characters of a completion that must be left to write, where its begin is given"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSample:
    """The rows that were drawn, and where they come from."""

    examples: tuple[Example, ...]
    rows: int
    """How many there are in all files, equal ones once"""
    files: tuple[str, ...]
    scorers: tuple[NamedScorer, ...] = ()
    """Those of the suite that can look at a training row"""


def draw_training(
    suite: Suite, scorers: Sequence[NamedScorer], *, limit: int | None, problems: list[Problem]
) -> TrainingSample | None:
    """Draw the training rows of a suite.

    None where it names none, or none of its files is here. What cannot be read becomes a problem.
    """
    spec = suite.spec.training
    if spec is None:
        return None
    named = spec.files or suite.spec.dataset.trained_on
    here = [name for name in named if (suite.root / name).exists()]
    when = {tag: tuple([values] if isinstance(values, str) else values) for tag, values in spec.when.items()}
    rows: dict[str, Example] = {}
    times: dict[str, int] = {}
    for name in here:
        for example in _read(suite, spec, name, problems):
            example = replace(example, tags={**example.tags, **spec.tags})
            if not completion_of(example).strip() or is_run(example) or not has_tags(example, when):
                continue
            key = digest([[message.wire() for message in example.messages], completion_of(example)])
            rows.setdefault(key, example)
            times[key] = times.get(key, 0) + 1
    if here and not rows and not problems:
        what = f"training: no row of {', '.join(here)} has a completion" + (" and the tags of `when`" if when else "")
        problems.append(Problem(what=what, where=suite.locate("training"), todo="name `format`, `columns` or `when`"))
    if rows and spec.prompt == "suite":
        _refuse_unrendered(suite, rows.values(), problems)
    size = min(n for n in (spec.sample, limit, len(rows)) if n is not None)
    drawn = set(sorted(rows, key=lambda key: _lot(key, spec.seed))[:size])
    chosen = [_mark(rows[key], key=key, times=times[key]) for key in rows if key in drawn]
    looking = _looking_scorers(scorers, chosen)
    return (
        TrainingSample(examples=tuple(chosen), rows=len(rows), files=tuple(here), scorers=looking) if chosen else None
    )


def _lot(key: str, seed: int) -> str:
    """The lot that a row draws: files that grow take few rows of the sample away."""
    return digest([seed, key])


def _refuse_unrendered(suite: Suite, rows: Iterable[Example], problems: list[Problem]) -> None:
    """The suite's prompt must go around every row."""
    try:
        whole = PromptParts(suite)
        for example in rows:
            whole.messages(example)
    except SuiteError as error:
        problems += [replace(one, what=f"training: {one.what}") for one in error.problems]


def absent_training(suite: Suite) -> tuple[str, ...]:
    """Write a note where files that training rows are drawn from are not here."""
    spec = suite.spec.training
    named = [] if spec is None else spec.files or suite.spec.dataset.trained_on
    gone = [name for name in named if not (suite.root / name).exists()]
    return (f"training rows are not asked from files that are not here: {', '.join(gone)}",) if gone else ()


def _read(suite: Suite, spec: TrainingSpec, name: str, problems: list[Problem]) -> Sequence[Example]:
    path, where = suite.root / name, suite.locate("training")
    try:
        guess = guess_format(path, format=spec.format, encoding=spec.encoding)
        columns = {**guess.columns, **spec.columns}
        return read_examples(path, format=guess.format, columns=columns, encoding=spec.encoding)
    except UnsoundData as error:
        return error.examples  # rows that stand twice are counted
    except EvalkitError as error:
        problems += [replace(one, what=f"training: {one.what}", where=one.where or where) for one in error.problems]
        return ()


def _mark(example: Example, *, key: str, times: int) -> Example:
    """A row under an id of its own: training rows may share ids, and those of held-out rows."""
    extra = {**example.extra, TIMES: times}
    return replace(example, id=f"training-{key[:12]}", cluster=None, extra=extra)


def asked_examples(suite: Suite, sample: TrainingSample) -> tuple[Example, ...]:
    """Return the training rows as they are asked.

    Raises SuiteError where the suite's prompt cannot be rendered for one.
    """
    spec = suite.spec.training
    if spec is None or spec.prompt == "row":
        return sample.examples
    whole = PromptParts(suite)
    return tuple(replace(example, messages=whole.messages(example)) for example in sample.examples)


def begun_examples(suite: Suite, sample: TrainingSample, *, continued: bool) -> Iterator[Example]:
    """Yield the training rows with the begin of their completion given.

    Only those of which enough is left to write. `continued` says whether the answer itself is begun; else the last
    turn says how it begins.
    """
    spec = suite.spec.training
    if spec is None or not spec.prefix:
        return
    for example in asked_examples(suite, sample):
        if isinstance(example.target, dict) and "tool_calls" in example.target:
            continue
        given = begin_of(completion_of(example), spec.prefix)
        if not given:
            continue
        messages = example.messages
        if continued:
            messages = (*messages, Message(role="assistant", content=given))
        else:
            last = messages[-1]
            text = f"{CONTINUE}\n{given}"
            parts = last.content
            content = (*parts, {"type": "text", "text": text}) if isinstance(parts, tuple) else f"{parts}\n\n{text}"
            messages = (*messages[:-1], replace(last, content=content))
        yield replace(example, messages=messages, choices=(), extra={**example.extra, BEGUN: given})


def begin_of(text: str, size: int) -> str:
    """Cut the begin of a text.

    So many characters, at most half of it, whole words. Empty where too little would be left.

    >>> begin_of("The code of the safe is seven four nine", 12)
    'The code of'
    """
    size = min(size, len(text) // 2)
    if len(text) - size < _LEAST_LEFT:
        return ""
    cut = text[:size]
    if text[size : size + 1].isascii() and text[size : size + 1].isalnum() and cut[-1:].isascii():
        cut = cut.rpartition(" ")[0] or cut  # not within a word, which no tokenizer would cut there
    return cut.rstrip()


def _looking_scorers(scorers: Sequence[NamedScorer], rows: Sequence[Example]) -> tuple[NamedScorer, ...]:
    """Those that can look at a training row, each limited to the rows it can look at."""
    kept = []
    for named in scorers:
        if isinstance(named.scorer, (JudgingScorer, StretchScorer, TemplatedScorer)):
            continue
        if any(named.applies(example) and not named.scorer.check(example) for example in rows):
            kept.append(LimitedScorer.of(named))
    return tuple(kept)


class LimitedScorer(NamedScorer):
    """A scorer that leaves out the rows it cannot look at.

    Training rows may have other targets.
    """

    __slots__ = ()

    @classmethod
    def of(cls, named: NamedScorer) -> LimitedScorer:
        """Make one of a scorer."""
        return cls(**{field.name: getattr(named, field.name) for field in dataclasses.fields(NamedScorer)})

    def applies(self, example: Example) -> bool:
        """Tell whether it looks at this row: it must be able to."""
        return super().applies(example) and not self.scorer.check(example)


def derive_suite(suite: Suite, way: str) -> Suite:
    """Return the suite that its training rows are asked as.

    It has no prompt of its own, no slices, and a name behind its name.
    """
    spec = suite.spec
    gates = [gate for gate in spec.gates if gate.on_training]
    name = name_of(spec.name, way)
    changed = {"name": name, "prompt": PromptSpec(), "slices": [], "gates": gates, "families": None, "waivers": []}
    return replace(suite, spec=spec.model_copy(update=changed))


def name_of(suite: str, way: str) -> str:
    """Return the name under which a suite's training rows are asked and recorded.

    >>> name_of("desk", ASKED), name_of("desk", PREFIX)
    ('desk:training', 'desk:training-prefix')
    """
    return f"{suite}:training" if way == ASKED else f"{suite}:training-prefix"
