"""A script for the loopback server that keeps files and batches as the vendor does."""

from __future__ import annotations

import json
from typing import Any

from openai_loopback import Call, Reply, chat_body, error_body


class BatchServer:
    """`polls` says how often a batch is still running; `answer` gives (status, body) to the body of a line."""

    def __init__(
        self, *, polls: int = 1, status: str = "completed", answer: Any = None, lose: Any = (), most: int = 10_000
    ) -> None:
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.polls, self.status, self.lose = polls, status, set(lose)
        self.answer = answer or (lambda body: (200, chat_body(f"echo: {body['messages'][-1]['content']}")))
        self.created, self.most = 0, most

    def __call__(self, call: Call) -> Reply:
        path = call.path.removeprefix("/v1").split("?")[0]
        if call.method == "POST" and path == "/files":
            return self.upload(call)
        if call.method == "POST" and path == "/batches":
            return self.create(call.body)
        if path == "/batches":
            return Reply(
                body={"object": "list", "data": [self.shown(b) for b in self.batches.values()], "has_more": False}
            )
        if path.startswith("/batches/"):
            return self.retrieve(path.split("/")[2])
        if path.endswith("/content"):
            return Reply(body=self.files[path.split("/")[2]])
        return Reply(status=404, body=error_body("no such endpoint"))

    def upload(self, call: Call) -> Reply:
        boundary = b"--" + call.headers["content-type"].split("boundary=")[1].encode()
        part = next(p for p in call.content.split(boundary) if b'name="file"' in p)
        name = f"file-{len(self.files)}"
        self.files[name] = part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
        return Reply(
            body={"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": "f", "purpose": "batch"}
        )

    def create(self, body: Any) -> Reply:
        self.created += 1
        name = f"batch_{self.created}"
        self.batches[name] = {**body, "id": name, "left": self.polls}
        return Reply(body=self.shown(self.batches[name]))

    def retrieve(self, name: str) -> Reply:
        kept = self.batches[name]
        if kept["left"] > 0:
            kept["left"] -= 1
            return Reply(body=self.shown(kept))
        kept["done"] = True
        kept["full"] = len(self.files[kept["input_file_id"]].splitlines()) > self.most
        if "out" not in kept and not kept["full"] and self.status != "failed":
            kept["out"] = f"file-out-{name}"
            self.files[kept["out"]] = self.results(self.files[kept["input_file_id"]])
        return Reply(body=self.shown(kept))

    def shown(self, kept: dict[str, Any]) -> dict[str, Any]:
        done = kept.get("done", False)
        full = kept.get("full", False)
        said = {"code": "model_not_found", "message": "no such model"}
        if full:
            said = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached for m in organization o."}
        errors = {"object": "list", "data": [said]}
        return {
            "id": kept["id"], "object": "batch", "endpoint": kept["endpoint"], "completion_window": "24h",
            "created_at": 1, "input_file_id": kept["input_file_id"], "output_file_id": kept.get("out"),
            "status": "failed" if full else self.status if done else "in_progress", "metadata": kept.get("metadata"),
            "request_counts": {"total": 3, "completed": 1, "failed": 0},
            "errors": errors if done and (full or self.status == "failed") else None,
        }  # fmt: skip

    def results(self, content: bytes) -> bytes:
        rows = []
        for number, line in enumerate(content.splitlines()):
            row = json.loads(line)
            if number not in self.lose:
                status, body = self.answer(row["body"])
                reply = {"status_code": status, "request_id": f"r{number}", "body": body}
                rows.append({"id": f"br{number}", "custom_id": row["custom_id"], "response": reply, "error": None})
        return "\n".join(json.dumps(row) for row in reversed(rows)).encode()
