"""A script for the loopback server that knows fine-tuning jobs, their checkpoints and result files, and answers."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import api_world
from openai_loopback import Call, Reply, chat_body, error_body

SUITE = api_world.SUITE.replace("0.05", "0.2")
"""Few rows can prove a wide margin alone"""

BASE = "gpt-4o-mini-2024-07-18"
TUNED = "ft:gpt-4o-mini-2024-07-18:acme:support:AbC123"
RESULTS = b"""\
step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
1,1.5,0.5,,
88,0.4,0.9,0.6,0.85
90,0.3,0.95,,
"""

JOB: dict[str, Any] = {
    "id": "ftjob-abc", "object": "fine_tuning.job", "created_at": 1_760_000_000, "finished_at": 1_760_003_600,
    "model": BASE, "fine_tuned_model": TUNED, "organization_id": "org-1", "status": "succeeded", "seed": 7,
    "hyperparameters": {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": 1.8},
    "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": "auto"}}},
    "training_file": "file-train", "validation_file": "file-valid", "result_files": ["file-result"],
    "trained_tokens": 12345, "error": None, "integrations": None,
}  # fmt: skip


def point(step: int) -> dict[str, Any]:
    return {
        "id": f"ftckpt_{step}", "object": "fine_tuning.job.checkpoint", "created_at": 1, "step_number": step,
        "fine_tuned_model_checkpoint": f"{TUNED}:ckpt-step-{step}", "fine_tuning_job_id": "ftjob-abc",
        "metrics": {"step": step, "train_loss": 1.0 / step, "full_valid_loss": 0.5},
    }  # fmt: skip


@dataclass
class JobServer:
    """`over` replaces what a path answers, by the end of the path."""

    job: dict[str, Any] = field(default_factory=lambda: dict(JOB))
    steps: tuple[int, ...] = (30, 60, 90)
    packed: bool = True
    over: dict[str, Reply] = field(default_factory=dict)

    def __call__(self, call: Call) -> Reply:
        path, _, query = call.path.partition("?")
        for end, reply in self.over.items():
            if path.endswith(end):
                return reply
        if path.endswith("/fine_tuning/jobs/ftjob-abc"):
            return Reply(body=self.job)
        if path.endswith("/fine_tuning/jobs/ftjob-abc/checkpoints"):
            return Reply(body=self.page(query))
        if path.endswith("/files/file-result/content"):
            return Reply(body=base64.b64encode(RESULTS) if self.packed else RESULTS)
        if path.endswith("/chat/completions"):
            text = "no" if call.body["model"] == BASE else "yes"
            return Reply(body=chat_body(text, model=call.body["model"]))
        return Reply(status=404, body=error_body("no such endpoint"))

    def page(self, query: str) -> dict[str, Any]:
        """Two checkpoints a page, the last one first, as the vendor lists them."""
        steps = sorted(self.steps, reverse=True)
        at = next((i + 1 for i, step in enumerate(steps) if f"after=ftckpt_{step}" in query), 0)
        some = steps[at : at + 2]
        last = f"ftckpt_{some[-1]}" if some else None
        return {"object": "list", "data": [point(s) for s in some], "last_id": last, "has_more": at + 2 < len(steps)}
