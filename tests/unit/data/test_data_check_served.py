"""Real template, real tokenizer, a server on a loopback socket: SmolLM2 trained here and served there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli import main
from evalkit.data.checks.run import check_data
from evalkit.data.checks.stream import DataSource
from evalkit.data.checks.token_counts import TokenCounts
from evalkit.pipeline.data_check import parity_of, ruler_of
from evalkit.pipeline.data_check.rulers import open_named

NAME = "embedded:SmolLM2-135M-Instruct"
OTHER = """{% for m in messages %}{% if loop.first and m.role != 'system' %}<|im_start|>system
You are served by somebody.<|im_end|>
{% endif %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
NO_END = """{% for m in messages %}{{ m.role }}: {{ m.content }}
{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return open_named(NAME)[0].renderer.tokenizer


@pytest.fixture
def server(request: pytest.FixtureRequest, tokenizer: Any) -> Iterator[str]:
    """A server that speaks as llama.cpp or vLLM do, with a template of its own."""
    way, template = request.param

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({"data": [{"id": "smol"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/apply-template" and way == "llama":
                self._say({"prompt": self._write(body)})
            elif self.path == "/tokenize" and "content" in body and way == "llama":
                self._say({"tokens": tokenizer(body["content"], add_special_tokens=False)["input_ids"]})
            elif self.path == "/tokenize" and "messages" in body and way == "vllm":
                assert body["model"] == "smol"
                ids = tokenizer(self._write(body), add_special_tokens=False)["input_ids"]
                self._say({"tokens": ids, "count": len(ids), "max_model_len": 8192})
            else:
                self.send_error(404)

        def _write(self, body: dict[str, Any]) -> str:
            more = {} if template is None else {"chat_template": template}
            return str(
                tokenizer.apply_chat_template(body["messages"], tokenize=False, add_generation_prompt=True, **more)
            )

        def _say(self, value: object) -> None:
            raw = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/v1"
        running.shutdown()


def data(folder: Path, *chats: list[dict[str, Any]]) -> str:
    path = folder / "t.jsonl"
    path.write_text("".join(json.dumps({"messages": chat}) + "\n" for chat in chats), encoding="utf-8")
    return str(path)


ROW = [{"role": "user", "content": "Where is my parcel?"}, {"role": "assistant", "content": "On its way."}]


@pytest.mark.parametrize(
    ("server", "kinds"),
    [(("llama", None), []), (("vllm", None), []), (("llama", OTHER), ["system"]), (("vllm", OTHER), ["system"])],
    indirect=["server"],
)
def test_a_server_is_held_against_the_template_of_training(tmp_path: Path, server: str, kinds: list[str]) -> None:
    parity = parity_of(NAME, server)
    report = check_data(DataSource(path=data(tmp_path, ROW, ROW), format="openai-chat"), [parity])
    told = [finding.what for finding in report.findings]
    assert ["the system prompt differs between training and serving"] * len(kinds) == told
    assert parity.facts() == {"compared": 2, "differing": 2 * len(kinds)}


@pytest.mark.parametrize("server", [("neither", None)], indirect=True)
def test_a_server_that_tells_no_prompt_is_named(
    tmp_path: Path, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = data(tmp_path, ROW)
    words = ["data", "check", path, "--format", "openai-chat", "--model", NAME]
    assert main([*words, "--served-by", server]) == 2
    assert "it has no /apply-template, and no /tokenize that takes messages" in capsys.readouterr().err
    assert main([*words, "--served-by", "http://127.0.0.1:9"]) == 2
    assert "start the server" in capsys.readouterr().err


def test_rows_are_counted_as_the_models_own_template_writes_them(tmp_path: Path, tokenizer: Any) -> None:
    long = [ROW[0], {"role": "assistant", "content": "word " * 500}]
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    called = [ROW[0], {"role": "assistant", "content": None, "tool_calls": [call]}]
    check = TokenCounts(ruler_of(NAME, context=100))
    report = check_data(DataSource(path=data(tmp_path, ROW, long, called), format="openai-chat"), [check])
    told = {finding.what: [place.line for place in finding.places] for finding in report.findings}
    assert told["the row is longer than the context: the end of the answer is cut off, and the token that ends it"] == [
        2
    ]
    assert told["an answer that is trained on has no token of its own in the template's text"] == [3]
    whole = tokenizer(tokenizer.apply_chat_template(ROW, tokenize=False), add_special_tokens=False)["input_ids"]
    row = check.facts()["row"]
    assert isinstance(row, dict)
    assert len(whole) in row.values()


def test_a_template_without_an_end_of_turn_is_told(tmp_path: Path) -> None:
    (tmp_path / "no_end.jinja").write_text(NO_END, encoding="utf-8")
    (tmp_path / "models.yaml").write_text(
        f"models: {{open: {{provider: local, model: '{NAME}', chat_template: no_end.jinja}}}}\n", encoding="utf-8"
    )
    check = TokenCounts(ruler_of("open", models=str(tmp_path / "models.yaml")))
    report = check_data(DataSource(path=data(tmp_path, ROW), format="openai-chat"), [check])
    assert "no token that ends generation stands behind the answer" in [finding.what for finding in report.findings]
