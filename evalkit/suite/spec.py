"""The shapes a suite file may take (contract: version 1). Reading and locating errors is `evalkit.suite.load`'s job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from evalkit.suite.amount import Amount
from evalkit.suite.families_spec import FamiliesSpec
from evalkit.suite.gate_spec import AnyGate, GateSpec, read_gate
from evalkit.suite.generate import GenerateSpec, MayDiffer
from evalkit.suite.prompt_spec import PromptSpec, TransformSpec
from evalkit.suite.shape import Count, Name, Positive, Share, Strict
from evalkit.suite.training_spec import TrainingSpec


class DatasetSpec(Strict):
    """Where the held-out examples are. `limit` draws a seeded sample, never the first N."""

    path: Name
    """Relative to this file; .jsonl[.gz], .csv, .parquet, a folder, or an fsspec URL"""
    format: Literal[
        "evalkit",
        "openai-chat",
        "openai-completion",
        "openai-preference",
        "trl",
        "sharegpt",
        "alpaca",
        "bbq",
        "crows-pairs",
        "stereoset",
        "winobias",
        "winogender",
        "csv",
    ] = "evalkit"
    """How the rows are written: see the reference of data formats"""
    limit: Count | None = None
    """A seeded sample of this many rows, never the first N"""
    seed: int = 0
    """Seed of the sample"""
    trained_on: list[Name] = []
    """Training files and folders that no row may stand in, as it is, inside a longer text or nearly"""
    columns: dict[str, str] = {}
    """Fields that stand under another name: {input: question, target: label, tags.kind: type, choices: "a, b"}.

    Dots lead into nested objects: {input: doc.question}.
    """
    encoding: Name | None = None
    """Of text that is not UTF-8: cp932 (Shift_JIS as Windows writes it), euc-jp, utf-16, ..."""


class ReadingSpec(Strict):
    """What of an answer counts: by default what stands behind its thoughts."""

    thoughts: Literal["apart", "keep"] = "apart"
    """apart: thoughts are kept beside the answer and never scored; keep: the text is scored as it was written"""
    marks: list[Name | Annotated[list[Name], Field(min_length=2, max_length=2)]] = []
    """Marks of thoughts beside the known ones: a tag's name (scratchpad), or [opening mark, closing mark]"""
    cut: Literal["unknown", "scored"] = "unknown"
    """unknown: a gate that answers cut at the limit could decide is INVALID; scored: the limit is part of the task"""
    filtered: Literal["answer", "refusal"] = "answer"
    """refusal: what a server's content filter stopped or withheld is scored as a refusal"""


class ScorerSpec(BaseModel):
    """A scorer by type.

    Every other key is an option that the scorer itself checks.
    """

    model_config = ConfigDict(
        extra="allow", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )
    type: Name
    """Which scorer; every other key is an option of its own"""

    @property
    def options(self) -> dict[str, Any]:
        """All keys but `type`."""
        return dict(self.__pydantic_extra__ or {})


class SliceFairness(Strict):
    """Short for a fairness gate on this slice."""

    metrics: list[Name]
    """Metrics whose gaps are judged"""
    max_change: Amount = 0.05
    """How much a group's gap may grow at its expense, in the metric's unit, or a share of the base's value: "5%\""""
    max_gap: Amount | None = None
    """How large a gap may be at all, likewise"""
    reference: Name | None = None
    """The group all others are compared with; default: all other rows"""

    def gate(self, by: str) -> GateSpec:
        """Return the gate that it is short for."""
        return read_gate({"type": "fairness", "slices": [by], **self.model_dump()})


class SliceSpec(Strict):
    """A tag (or several, for intersections) to cut by."""

    by: Name | Annotated[list[Name], Field(min_length=1)]
    """A tag, or a list of tags for their combinations"""
    min_n: Count = 30
    """Values with fewer rows are TOO_SMALL"""
    bins: Annotated[list[float], Field(min_length=1)] | None = None
    """For a tag that is a number: the edges that cut it, [18, 30, 50]; an edge belongs to the bin above it"""
    quantiles: Annotated[int, Field(ge=2, le=100)] | None = None
    """For a tag that is a number: so many parts with as many rows each, instead of `bins`"""
    fold: bool = False
    """Values that differ only in case, width, space or the writing of a number (1 and 1.0) are one"""
    fairness: SliceFairness | None = None
    """Short for a fairness gate on this slice"""

    @property
    def name(self) -> str:
        """The tag, or the tags joined with ``*``."""
        return self.by if isinstance(self.by, str) else "*".join(self.by)


class SelectedSpec(Strict):
    """Which answers select.

    They are those that a scorer reads as a label, or those that a pattern is found in.
    """

    label: Name | None = None
    """The label that selects, as the scorer reads it, or the text of that choice: 採用"""
    scorer: Name | None = None
    """The scorer that reads labels; default: the suite's only one"""
    matches: Name | None = None
    """A regular expression that selects where it is found in the answer; there is then no truth"""


class GroupsSpec(Strict):
    """What the group tables show beside the main metrics."""

    metrics: list[Name] = []
    """More metrics: latency_s, tokens_out, calls.decision, a part of a scorer"""
    selected: SelectedSpec | None = None
    """Decisions: selection rate, and with a label accuracy, error rates and precision against the targets"""
    reference: dict[Name, Name] = {}
    """Slice -> the group all others are compared with; default: all other rows. A fairness gate's own goes first"""
    probability: Name | None = None
    """A metric that is a given probability of `selected.label`: how far it is from the targets' rate, by group"""
    control: list[Name] = []
    """Tags whose values gaps are taken within: a table of each, and gaps pooled over them (Mantel-Haenszel)"""


class Waiver(Strict):
    """A finding that is known and accepted until a date.

    After it the gate is back.
    """

    gate: Name
    """The type of the gate"""
    metric: Name
    """The metric of the finding"""
    slice: dict[str, str] | None = None
    """{by: value}"""
    index: Annotated[int, Field(ge=0)] | None = None
    """Which gate, counted from 0 as `gate_index` of the verdict; needed where several judge the same"""
    margin: Positive | None = None
    """Which gate, by its margin as the verdict shows it; instead of `index`"""
    down_to: float | None = None
    """How far the change (candidate - base) may fall and be accepted, e.g. -0.03; a larger drop fails"""
    up_to: float | None = None
    """The same where lower is better: how far it may rise"""
    judge: Literal["trusted"] | None = None
    """The waiver accepts no finding, but that an advisory judge gates; without `slice` on all slices as well"""
    reason: Name
    """Why it is accepted"""
    owner: Name
    """Who answers for it"""
    expires: dt.date
    """The last day on which it holds"""


class PolicySpec(Strict):
    """How sure, and what to do when it cannot be told."""

    confidence: Annotated[float, Field(gt=0.5, le=0.9999)] = 0.95
    """Of every interval"""
    correction: Literal["holm", "max_t", "none"] = "holm"
    """Over the slices and metrics of alarms"""
    on_inconclusive: Literal["fail", "warn", "pass"] = "fail"
    """What a suite that could not tell ends in"""
    max_error_rate: Share = 0.02
    """More failed calls than this and the comparison is INVALID"""
    sampling_may_differ: list[MayDiffer] = []
    """Parameters in which the arms may be asked differently: a server refuses them, or a recording has others"""
    min_pairs: Count = 1
    """Fewer pairs than this and the comparison is INVALID"""
    max_mindless: Share = 0.5
    """`validate` flags scorers of structure of which a do-nothing, always-call or always-same model passes more"""
    judge_floor: Annotated[float, Field(ge=-1, le=1)] = 0.4
    """A judge gates where the lower end of its kappa with people is at least this; below it is advisory"""
    judge_false_pass: Share | None = None
    """A judge that may pass more than this share of answers that people fail is advisory, too"""
    seed: Annotated[int, Field(ge=0)] = 0
    """Of bootstraps and permutations"""


class SuiteSpec(Strict):
    """One suite file."""

    evalkit: Literal[1]
    """Marks the file as a suite and names the version of this shape"""
    name: Name
    """Shown in reports; unique among your suites"""
    description: str = ""
    """What this suite protects, for the reader of the report"""
    dataset: DatasetSpec
    prompt: PromptSpec = PromptSpec()
    generate: GenerateSpec = GenerateSpec()
    reading: ReadingSpec = ReadingSpec()
    repeats: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How often every example is asked; repeats are averaged within the example"""
    allow_code: bool = False
    """Run code that the models write (scorer `code_tests`), in processes of its own"""
    network: Literal["cut", "unprotected"] = "cut"
    """cut: such code has no network, or is not run; unprotected: it is run also where the system cannot cut it off"""
    score_turns: Literal["last", "each"] = "last"
    """Of rows with `turns: generate`: the last answer is scored, or each one, with the conversation as cluster"""
    max_steps: Annotated[int, Field(ge=1, le=1_000)] = 8
    """Of rows with `tool_results`: the most calls to the model in one turn; a row's own `max_steps` goes first"""
    scorers: Annotated[dict[Name, ScorerSpec], Field(min_length=1)]
    slices: list[SliceSpec] = []
    families: FamiliesSpec | None = None
    """Tell every row by members of several groups; a fairness gate with `families: true` judges them"""
    training: TrainingSpec | None = None
    """A sample of what the candidate was trained on; gates of memorisation and generalisation look at it"""
    groups: GroupsSpec = GroupsSpec()
    gates: Annotated[list[AnyGate], Field(min_length=1)]
    policy: PolicySpec = PolicySpec()
    waivers: list[Waiver] = []

    def all_gates(self) -> Iterator[tuple[int, GateSpec]]:
        """List the gates with their index.

        Those written short on a slice count on behind them.
        """
        short = [item.fairness.gate(item.name) for item in self.slices if item.fairness is not None]
        yield from enumerate([*self.gates, *short])


class Price(Strict):
    """US dollars a million tokens. What is not written is unknown, never 0."""

    input: Annotated[float, Field(ge=0)] | None = None
    output: Annotated[float, Field(ge=0)] | None = None
    cached_input: Annotated[float, Field(ge=0)] | None = None


class Limits(Strict):
    """Ceilings the user sets; the server's own are learned from its headers."""

    rpm: Count | None = None
    tpm: Count | None = None
    concurrency: Count | None = None
    connect_timeout_s: Positive = 10.0
    first_byte_timeout_s: Positive = 120.0
    timeout_s: Positive = 300.0
    deadline_s: Positive | None = None


class FromEnvironment(Strict):
    """A value that stands in an environment variable, never in a file."""

    env: Name
    """The NAME of the variable"""


class ModelSpec(Strict):
    """One model of models.yaml. Keys never stand here: only the names of environment variables."""

    provider: Name
    """local, openai, replay or scripted, or one that a package brings"""
    model: Name | None = None
    """A hub id or a folder (local), the name the API knows, or echo, nothing, constant:TEXT (scripted: no model)"""
    adapter: Name | None = None
    """local: a PEFT adapter on top of the model, a folder or a hub id"""
    revision: Name | None = None
    """local: the hub's branch, tag or commit"""
    api: Literal["chat", "responses", "batch", "completions"] = "chat"
    base_url: Name | None = None
    """openai: any compatible server"""
    api_key_env: Name = "OPENAI_API_KEY"
    """The NAME of the environment variable that holds the key"""
    azure: dict[str, str] | None = None
    """{api_version: ..., deployment: ...}: use Azure's client"""
    chat_template: Name | None = None
    """local: a jinja file, or `plain` for none; unset is the tokenizer's own template"""
    system: str | None = None
    """A system message for this model, where a request has none"""
    chat_template_kwargs: dict[str, Any] = {}
    """What the chat template is given beside the messages, e.g. {enable_thinking: false}: local, vLLM, SGLang"""
    trust_remote_code: bool = False
    """local: run Python code that the model brings; a hub model then needs the commit as `revision`"""
    deterministic: bool = False
    """local: answers that do not depend on what is asked beside them, one request at a time"""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    device: Name | None = None
    """local: cpu, cuda, cuda:1; the best there is when unset"""
    device_map: Name | dict[str, int | str] | None = None
    """local: auto, balanced, balanced_low_0, sequential, or module -> device; instead of `device`"""
    quantization: Literal["bnb-4bit", "bnb-8bit", "gptq", "awq", "torchao"] | None = None
    """local: bnb-4bit, bnb-8bit, torchao quantise while loading; gptq and awq read weights that are so already"""
    allow_pickle: bool = False
    """local: load weights kept as .bin, which is Python's pickle"""
    separator: str | None = None
    """completions: the text a legacy fine-tune was trained to see after the prompt, e.g. "\\n\\n###\\n\\n" """
    stop: list[str] = []
    """Texts that end an answer of this model"""
    generate: GenerateSpec | None = None
    """This arm's own sampling, over the suite's: what is not named stays as there, null leaves a parameter out"""
    extra_body: dict[str, Any] = {}
    """openai: what else stands in the body of every call, as the server names it"""
    headers: dict[Name, str | FromEnvironment] = {}
    """openai: what else stands in the head of every call; secrets are {env: NAME}"""
    price: Price | None = None
    limits: Limits = Limits()
    recording: Name | None = None
    """replay: the file of recorded answers"""
    training: list[Name] = []
    """Where it came from, for the reader: folders with adapter_config.json, trainer_state.json or a model card, a
    fine-tuning job as JSON, its results file (CSV, in base64 too)"""
    prompt: PromptSpec | None = None
    """This arm's own prompt: what it names goes before the suite's, null takes the suite's away"""
    transform: Name | TransformSpec | None = None
    """What is made of the answers before they are scored; a name alone is a function of a package"""
    options: dict[str, Any] = {}
    """What a package's provider takes beside; the provider checks it"""


class ModelsFile(Strict):
    """models.yaml."""

    models: dict[Name, ModelSpec]
