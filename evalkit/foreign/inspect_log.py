"""Inspect: a log in .json or .eval, one arm; epochs are repeats, every scorer is a score."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from evalkit.core.errors import DataError, Location, MissingExtra, Problem
from evalkit.core.exchange import Failure, Json, Message, Usage
from evalkit.foreign.nouns import ForeignArm, ForeignResults, ForeignRow, ScoreScale, Wishes, as_list, as_object
from evalkit.foreign.sheets import read_json
from evalkit.foreign.texts import bare, head_bytes, raw_bytes

_LETTERS = {"C": 1, "I": 0, "P": 0.5, "N": 0}
"""Correct, incorrect, partial, no answer: as Inspect's own reducers count them"""
_MARKS = ScoreScale(low=0.0, high=1.0, why="C, I, P, N")
_ZSTD = 93
_VERSIONS = (1, 2)


class InspectLog:
    """The log of one evaluation."""

    def fits(self, path: Path) -> bool:
        """Tell whether the name ends in `.eval`, or the JSON has its keys."""
        if path.is_file() and bare(path).endswith(".eval"):
            return True
        if not (path.is_file() and bare(path).endswith(".json")):
            return False
        head = head_bytes(path, 4000)
        return b'"eval"' in head and b'"version"' in head and b'"status"' in head and b'"run_id"' in head

    def read(self, path: Path, wishes: Wishes, arms: Sequence[str] = ()) -> Sequence[ForeignResults]:
        """Read one data set, the task, and one arm, the model."""
        log = _read_zip(path) if bare(path).endswith(".eval") else read_json(path)
        if not isinstance(log, dict) or not isinstance(log.get("eval"), dict):
            raise DataError(Problem(what="this is no log of Inspect", where=Location(file=str(path))))
        samples = log.get("samples")
        if not isinstance(samples, list) or not samples:
            what = f"the log holds no samples (status {log.get('status')!r})"
            todo = "take the whole log, not its header"
            raise DataError(Problem(what=what, where=Location(file=str(path)), todo=todo))
        about = log["eval"]
        found = ForeignResults(tool="inspect", source=str(about.get("task") or "inspect"), arms=[])
        found.carried.append(f"{path.name}: {len(samples):,} samples of {about.get('model')}")
        if log.get("version") not in _VERSIONS:
            found.carried.append(f"{path.name}: a log of version {log.get('version')}, newer than those known here")
        if log.get("status") != "success":
            found.left_out.append(f"{path.name}: the evaluation ended with status {log.get('status')!r}")
        odd: set[str] = set()
        found.scales = dict.fromkeys(_scorers_of_marks(samples), _MARKS)
        rows = [_row(sample, odd) for sample in samples if isinstance(sample, dict)]
        found.left_out += [f"{name}: values other than numbers and C, I, P, N are unscorable" for name in sorted(odd)]
        found.arms = [ForeignArm(name=str(about.get("model") or path.name), rows=rows)]
        return [found]


def _scorers_of_marks(samples: Sequence[Json]) -> list[str]:
    """The scorers that mark with C, I, P and N alone."""
    marks: dict[str, set[bool]] = {}
    for sample in samples:
        scores = sample.get("scores") if isinstance(sample, dict) else None
        for name, score in scores.items() if isinstance(scores, dict) else ():
            value = score.get("value") if isinstance(score, dict) else score
            marks.setdefault(name, set()).add(isinstance(value, str) and value in _LETTERS)
    return [name for name, known in marks.items() if known == {True}]


def _read_zip(path: Path) -> Json:
    """The log of a .eval file: header.json and samples/*.json in a ZIP, deflated or in Zstandard."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw_bytes(path)))
    except zipfile.BadZipFile as error:
        what = f"not a whole .eval file: {error}"
        raise DataError(Problem(what=what, where=Location(file=str(path)))) from None
    names = sorted(archive.namelist())
    head = next((name for name in names if name == "header.json"), None)
    if head is None:
        what = "the .eval file has no header.json: the evaluation was interrupted before it ended"
        todo = "let Inspect finish it (inspect eval-retry)"
        raise DataError(Problem(what=what, where=Location(file=str(path)), todo=todo))
    log = _entry(archive, head, path)
    samples = [_entry(archive, name, path) for name in names if name.startswith("samples/") and name.endswith(".json")]
    return {**(log if isinstance(log, dict) else {}), "samples": samples}


def _entry(archive: zipfile.ZipFile, name: str, path: Path) -> Json:
    info = archive.getinfo(name)
    try:
        raw = _zstandard(archive, info, path) if info.compress_type == _ZSTD else archive.read(info)
        return json.loads(raw)
    except (ValueError, RuntimeError, zipfile.BadZipFile, EOFError) as error:
        where = Location(file=f"{path}:{name}")
        raise DataError(Problem(what=f"a damaged entry: {error}", where=where)) from None


def _zstandard(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bytes:
    """The bytes of an entry that Python's own zipfile cannot unpack: behind the local header, as the directory says."""
    try:
        import zstandard
    except ImportError:
        raise MissingExtra("zstandard", "zstd", f"reading {path}") from None
    file = archive.fp
    assert file is not None
    file.seek(info.header_offset + 26)
    lengths = file.read(4)
    skip = int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    file.seek(info.header_offset + 30 + skip)
    try:
        packed = file.read(info.compress_size)
        return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    except zstandard.ZstdError as error:
        raise EOFError(str(error)) from None


def _row(sample: Mapping[str, Json], odd: set[str]) -> ForeignRow:
    output = as_object(sample.get("output"))
    asked = sample.get("input")
    turns = tuple(_turns(asked)) if isinstance(asked, list) else ()
    target = sample.get("target")
    error = sample.get("error")
    failed = Failure(kind="other", message=str(_message(error))) if error else None
    scores = dict(_scores(sample.get("scores"), odd))
    time = output.get("time")
    return ForeignRow(
        id=str(sample.get("id")),
        where=f"sample {sample.get('id')}, epoch {sample.get('epoch', 1)}",
        repeat=int(sample.get("epoch") or 1),
        input=asked if isinstance(asked, str) else None,
        messages=turns,
        text=None if failed else _answer(output),
        target=target[0] if isinstance(target, list) and len(target) == 1 else target,
        tags={str(k): str(v) for k, v in as_object(sample.get("metadata")).items() if isinstance(v, (str, bool, int))},
        scores={} if failed else scores,
        failure=failed,
        usage=_usage(output.get("usage")),
        latency_s=float(time) if isinstance(time, (int, float)) and time >= 0 else None,
    )


def _message(error: Json) -> Json:
    return error.get("message") if isinstance(error, dict) else error


def _answer(output: Mapping[str, Json]) -> str:
    if isinstance(output.get("completion"), str):
        return str(output["completion"])
    for choice in as_list(output.get("choices")):
        return _words(as_object(choice.get("message")).get("content"))
    return ""


def _words(content: Json) -> str:
    """The text of a message whose content is a text, or a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _turns(messages: Sequence[Json]) -> Iterator[Message]:
    for one in messages:
        if isinstance(one, dict):
            yield Message(role=str(one.get("role") or "user"), content=_words(one.get("content")))


def _scores(scores: Json, odd: set[str]) -> Iterator[tuple[str, Json]]:
    """Every scorer's value; of a scorer that gives several, each under SCORER_KEY."""
    for name, score in scores.items() if isinstance(scores, dict) else ():
        value = score.get("value") if isinstance(score, dict) else score
        parts = {f"{name}_{key}": one for key, one in value.items()} if isinstance(value, dict) else {name: value}
        for key, one in parts.items():
            known = _LETTERS.get(one, one) if isinstance(one, str) else one
            if not isinstance(known, (bool, int, float)) and known is not None:
                try:
                    known = float(str(known))
                except ValueError:
                    odd.add(key)
            yield key, known


def _usage(usage: Json) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    counts = {ours: usage.get(theirs) for ours, theirs in (("input", "input_tokens"), ("output", "output_tokens"))}
    return Usage(**{name: count for name, count in counts.items() if isinstance(count, int)})
