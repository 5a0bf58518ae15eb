"""A model as an ordinary folder of safetensors: of a GGUF, of pickled weights, of an adapter merged into its base."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from evalkit.core.errors import ModelError, Problem
from evalkit.models.context import Context
from evalkit.models.local.arm import LocalArm
from evalkit.models.local.failures import cause, require_all_weights, require_fitting
from evalkit.models.local.need import need
from evalkit.models.local.quiet import quiet
from evalkit.models.local.words import brings_tokenizer
from evalkit.suite.spec import ModelSpec


def export_model(name: str, spec: ModelSpec, out: Path, context: Context) -> Path:
    """Write the model of a spec into a new folder.

    transformers, peft and servers read it.

    An adapter is merged into its base. Numbers keep their type; of a GGUF they are float32. Raises ModelError where the
    model cannot be read, `out` holds something already, or the weights would be quantised.
    """
    need("torch", "transformers", "safetensors", purpose="converting a model")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ModelError(Problem(what=f"{out} holds something already", todo="name a folder that is not there yet"))
    if spec.quantization is not None:
        raise ModelError(
            Problem(
                what=f"{name!r} is quantised while it is loaded ({spec.quantization}): there is nothing to convert",
                todo="convert the same model without `quantization`",
            )
        )
    arm = LocalArm(name, spec, context)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=".draft-"))
    try:
        made = draft / out.name
        made.mkdir()
        with quiet():
            _write(arm, made)
        if out.is_dir():
            out.rmdir()
        os.replace(made, out)
    except OSError as error:
        raise ModelError(f"the model cannot be written to {out}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return out


def _write(arm: LocalArm, out: Path) -> None:
    from transformers import AutoTokenizer

    try:
        model = _read(arm)
    except ModelError:
        raise
    except Exception as error:  # each library behind it raises its own
        raise ModelError(cause(error, arm.base.folder, dtype="auto", device="cpu")) from error
    if arm.adapter is not None:
        model = _merge(model, arm)
    model.save_pretrained(out, safe_serialization=True)
    code = arm.spec.trust_remote_code
    if arm.adapter is not None or brings_tokenizer(arm.base):
        AutoTokenizer.from_pretrained(
            arm.tokenizer.folder, local_files_only=True, trust_remote_code=code
        ).save_pretrained(out)


def _read(arm: LocalArm) -> Any:
    from transformers import AutoModelForCausalLM

    assert arm.fingerprint  # what is wrong with the files is told before they are read
    model, report = AutoModelForCausalLM.from_pretrained(
        arm.base.folder,
        dtype="auto",
        local_files_only=True,
        trust_remote_code=arm.spec.trust_remote_code,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # told by name, with all the others
    )
    require_all_weights(report, arm.base.folder)
    return model


def _merge(model: Any, arm: LocalArm) -> Any:
    need("peft", purpose="merging an adapter")
    from peft import PeftModel

    assert arm.adapter is not None
    if arm.changes.tokens is not None:
        model.resize_token_embeddings(arm.changes.tokens, mean_resizing=False)
    tuned = PeftModel.from_pretrained(model, arm.adapter.folder, adapter_name="own")
    require_fitting(tuned.load_adapter(arm.adapter.folder, adapter_name="own"), arm.adapter.folder)
    return tuned.merge_and_unload()
