"""Publishes a verdict in a model card: a README.md on this machine, or of a repository on the Hugging Face Hub."""

from __future__ import annotations

import os
import re
from pathlib import Path

from evalkit.core.errors import EvalkitError, Problem
from evalkit.core.publication import Publication
from evalkit.publish.model_card import write_card

CARD = "README.md"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.\-]*/[A-Za-z0-9][\w.\-]*")
_WAIT_S = 30.0


class HubCard:
    """Writes the verdict into a model's card.

    A place that is a folder or a `.md` file is on this machine; OWNER/NAME is a repository, unless a folder of that
    name is here. HF_ENDPOINT and HF_TOKEN are huggingface_hub's own and are obeyed.
    """

    def check_place(self, place: str) -> str:
        """Tell what is wrong with the place of a card; empty where nothing is."""
        if not place:
            return "where is the card? hub:OWNER/NAME, or the folder of the model: hub:PATH"
        file = _file_of(place)
        if file is not None and file.is_dir():
            return f"{file} is a folder, and no card"
        if file is not None or _REPOSITORY.fullmatch(place):
            return ""
        return f"{place!r} is no folder, no .md file and no OWNER/NAME"

    def publish(self, publication: Publication, place: str) -> str:
        """Write the card, and commit it where it belongs to a repository.

        Returns where it is. EvalkitError for a card that cannot be read; what huggingface_hub raises, otherwise.
        """
        file = _file_of(place)
        if file is not None:
            return _write_file(file, publication)
        return _commit(place, publication)


def _file_of(place: str) -> Path | None:
    path = Path(place)
    if path.is_dir():
        return path / CARD
    if path.suffix.lower() == ".md" and path.parent.is_dir():
        return path
    return None


def _write_file(file: Path, publication: Publication) -> str:
    """Whole or not at all: a card is somebody's work."""
    try:
        card = file.read_bytes().decode("utf-8") if file.exists() else ""
    except UnicodeDecodeError as error:
        todo = "write it in UTF-8; it was left as it is"
        raise EvalkitError(Problem(what=f"the model card {file} is no UTF-8: {error}", todo=todo)) from error
    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_bytes(write_card(card, publication).encode("utf-8"))
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return str(file)


def _commit(repository: str, publication: Publication) -> str:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import EntryNotFoundError

    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, library_name="evalkit")
    head = api.model_info(repository, timeout=_WAIT_S).sha
    try:
        card = Path(api.hf_hub_download(repository, CARD, revision=head)).read_bytes().decode("utf-8")
    except EntryNotFoundError:
        card = ""
    verdict = publication.verdict
    done = api.upload_file(
        path_or_fileobj=write_card(card, publication).encode("utf-8"),
        path_in_repo=CARD,
        repo_id=repository,
        parent_commit=head,
        commit_message=f"evalkit: {verdict.outcome}, {verdict.candidate} against {verdict.base}",
    )
    return str(done.commit_url)
