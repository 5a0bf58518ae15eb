"""Trains one LoRA adapter of recipes.yaml on the CPU: `python examples/finetune/train.py ft-model`.

A plain loop: packs of conversations (packing.py), the loss on the answers only, AdamW with warm-up and a linear decay.
Everything random is seeded; the same versions on the same processor give the same adapter. With `--record` the adapter
is then asked every suite of the demo, and its answers become the recording that `evalkit compare --replay` reads.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import torch
from checkpoints import Checkpoints
from packing import Pack, packs, tokenized
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from ruamel.yaml import YAML
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = Path(__file__).resolve().parent
SUITES = HERE.parents[1] / "suites"


def base_folder() -> str:
    """The folder of the embedded base model, converted on first use."""
    from evalkit.models.local.embedded import ensure_embedded

    return str(ensure_embedded(progress=print))


def read_rows(data: dict[str, float], *, rng: Random) -> list[dict[str, Any]]:
    """The training rows of a stage's files, each file as often as the stage says; a fraction is a random sample."""
    rows: list[dict[str, Any]] = []
    for name, times in data.items():
        own = [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
        whole, part = divmod(times, 1)
        rows += int(whole) * own + rng.sample(own, round(part * len(own)))
    return rows


def adapted(base: str, *, recipe: dict[str, Any]) -> Any:
    """The frozen base model with fresh LoRA matrices on its upper layers (lower ones need no backward pass then)."""
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="sdpa")
    config = LoraConfig(
        r=recipe["rank"],
        lora_alpha=2 * recipe["rank"],
        lora_dropout=0.0,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        layers_to_transform=list(range(recipe["first_layer"], model.config.num_hidden_layers)),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def loss_of(model: Any, one: Pack) -> torch.Tensor:
    """Cross-entropy on the answers, each conversation weighted by the square root of its answer's length."""
    inner = model.base_model.model
    mask = torch.zeros(one.mask.shape).masked_fill(~one.mask, torch.finfo(torch.float32).min)
    hidden = inner.model(
        input_ids=one.ids, position_ids=one.positions, attention_mask=mask, use_cache=False
    ).last_hidden_state[0]
    logits = inner.lm_head(hidden[one.predict_at])
    losses = torch.nn.functional.cross_entropy(logits, one.labels, reduction="none")
    return (losses * one.weights).sum() / one.weights.sum()


def rate(step: int, *, steps: int, peak: float) -> float:
    """Linear warm-up over a twentieth of the steps, then linear decay to a tenth of the peak."""
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (1 - 0.9 * (step - warm) / max(1, steps - warm))


def schedule(stage: dict[str, Any], *, recipe: dict[str, Any], rng: Random, tokenizer: Any) -> list[Pack]:
    """Every pack of every epoch of a stage, in the order of training."""
    conversations = [tokenized(row, tokenizer=tokenizer) for row in read_rows(stage["data"], rng=rng)]
    epochs, part = divmod(stage["epochs"], 1)
    out: list[Pack] = []
    for epoch in range(math.ceil(stage["epochs"])):
        whole = packs(conversations, tokens=recipe["pack_tokens"], rng=rng)
        out += whole if epoch < epochs else whole[: round(part * len(whole))]
    return out


def train(
    name: str,
    *,
    recipe: dict[str, Any],
    out: Path,
    base: str,
    done: int = 0,
    start: Path | None = None,
    keep: Checkpoints | None = None,
) -> None:
    """Train one adapter and write it in half precision to `out`; `done` stages are taken from `start` instead.

    `keep` writes checkpoints on the way, of all stages by one count of steps.
    """
    torch.manual_seed(recipe["seed"])
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = adapted(base, recipe=recipe)
    if start is not None:
        set_peft_model_state_dict(model, load_file(start / "adapter_model.safetensors"))
    weights = [p for p in model.parameters() if p.requires_grad]
    for number, stage in enumerate(recipe["stages"]):
        if number >= done:
            steps = schedule(stage, recipe=recipe, rng=Random(recipe["seed"] + number), tokenizer=tokenizer)
            if keep is not None:
                keep.expect(len(steps), epochs=stage["epochs"])
            run_stage(model, weights, steps, peak=stage["rate"], label=f"{name} stage {number + 1}", keep=keep)
            with torch.no_grad():  # as it would be saved and read again
                for p in weights:
                    p.copy_(p.half().float())
    save(model, out=out)


def run_stage(
    model: Any,
    weights: list[Any],
    steps: Sequence[Pack],
    *,
    peak: float,
    label: str,
    keep: Checkpoints | None = None,
) -> None:
    """One step a pack, with progress on the console."""
    optimizer = torch.optim.AdamW(weights, lr=peak, weight_decay=0.0, betas=(0.9, 0.98))
    started, shown = time.monotonic(), 0.0
    for step, one in enumerate(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps=len(steps), peak=peak)
        loss = loss_of(model, one)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if keep is not None:
            keep.take(model, loss=loss.item(), rate=optimizer.param_groups[0]["lr"])
        shown = loss.item() if step == 0 else 0.95 * shown + 0.05 * loss.item()
        if step % 10 == 0 or step == len(steps) - 1:
            spent = time.monotonic() - started
            left = spent / (step + 1) * (len(steps) - step - 1)
            print(
                f"{label}: step {step + 1}/{len(steps)}, loss {shown:.3f}, {spent:.0f} s, {left:.0f} s left", flush=True
            )


def save(model: Any, *, out: Path) -> None:
    """Write the adapter in float16, the same bytes every time: no path of this machine, no order of a set."""
    model.save_pretrained(out)
    file = out / "adapter_model.safetensors"
    save_file({key: value.half() for key, value in load_file(file).items()}, file)
    config_file = out / "adapter_config.json"
    config = json.loads(config_file.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = "HuggingFaceTB/SmolLM2-135M-Instruct"
    config["target_modules"] = sorted(config["target_modules"])
    config_file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (out / "README.md").unlink(missing_ok=True)


def record(name: str, *, adapter: Path, base: str | None, file: Path, suites: Sequence[Path] = (SUITES,)) -> int:
    """Ask the adapter every suite of the demo, in a process of its own, and keep its answers; evalkit's exit code."""
    model = base or "embedded:SmolLM2-135M-Instruct"
    arm = json.dumps({"provider": "local", "model": model, "adapter": str(adapter.resolve())})
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models.yaml"
        models.write_text(f"models:\n  {name}: {arm}\n", encoding="utf-8")
        words = ["record", name, "--live", "--models", str(models), "-o", str(file)]
        words += [word for suite in suites for word in ("--suite", str(suite))]
        code = subprocess.run([sys.executable, "-m", "evalkit", *words], check=False).returncode
    if code == 0:
        forget_paths(file)
    return code


def forget_paths(file: Path) -> None:
    """Write a recording anew without the path of the adapter, which is of this machine alone."""
    from evalkit import Recording

    kept = Recording.read(file)
    details = {key: value for key, value in kept.model.details.items() if key != "adapter_path"}
    replace(kept, model=replace(kept.model, details=details)).write(file)


def record_checkpoints(folder: Path, *, base: str | None) -> int:
    """Keep the answers of every checkpoint to the two suites that show where it goes too far; the worst exit code."""
    suites = (SUITES / "support_desk.yaml", SUITES / "general.yaml")
    found = sorted(folder.glob("checkpoint-*/adapter_config.json"))
    codes = [
        record(at.parent.name, adapter=at.parent, base=base, file=folder / f"{at.parent.name}.jsonl.gz", suites=suites)
        for at in found
    ]
    return max(codes, default=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the recipe named on the command line."""
    recipes = YAML(typ="safe").load((HERE / "recipes.yaml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", choices=sorted(recipes))
    parser.add_argument("--out", type=Path, help="default: adapters/RECIPE beside this file")
    parser.add_argument("--base", help="a folder with the base model (default: the embedded one)")
    parser.add_argument("--start", type=Path, help="an adapter of this recipe that was stopped between two stages")
    parser.add_argument("--done", type=int, default=0, help="how many stages are in --start")
    parser.add_argument(
        "--record",
        nargs="?",
        const=Path(),
        type=Path,
        metavar="FILE",
        help="then keep its answers to every suite (default: suites/recordings/RECIPE.jsonl.gz)",
    )
    parser.add_argument(
        "--checkpoints", type=Path, metavar="DIR", help="keep checkpoint-N folders and trainer_state.json on the way"
    )
    parser.add_argument(
        "--save-steps", type=int, default=33, metavar="N", help="steps between two of them (default: 33)"
    )
    parser.add_argument(
        "--record-checkpoints", action="store_true", help="then keep the answers of every checkpoint beside its folder"
    )
    parser.add_argument("--only-record", action="store_true", help="train nothing: keep the answers of the adapter")
    options = parser.parse_args(arguments)
    if options.record_checkpoints and options.checkpoints is None:
        parser.error("--record-checkpoints needs --checkpoints DIR")
    recipe = recipes[options.recipe]
    out = options.out or HERE / "adapters" / options.recipe
    if not options.only_record:
        torch.set_num_threads(recipe["threads"])
        train(
            options.recipe,
            recipe=recipe,
            out=out,
            base=options.base or base_folder(),
            done=options.done,
            start=options.start or (HERE / recipe["start"] if "start" in recipe else None),
            keep=Checkpoints(folder=options.checkpoints, every=options.save_steps, save=save)
            if options.checkpoints
            else None,
        )
    if options.record_checkpoints:
        return record_checkpoints(options.checkpoints, base=options.base)
    if options.record is None and not options.only_record:
        return 0
    suites = HERE / recipe["suites"] if "suites" in recipe else SUITES
    file = (
        options.record if options.record not in (None, Path()) else suites / "recordings" / f"{options.recipe}.jsonl.gz"
    )
    return record(options.recipe, adapter=out, base=options.base, file=file, suites=(suites,))


if __name__ == "__main__":
    sys.exit(main())
