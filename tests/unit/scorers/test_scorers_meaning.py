"""Readability by formula, and likeness of meaning by embeddings."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from evalkit.core.errors import ScorerError
from evalkit.core.exchange import Example, Message, Response
from evalkit.scorers.embedding import Embedding
from evalkit.scorers.embedding.embedders import Embedder
from evalkit.scorers.readability import Readability, measure_japanese
from evalkit.text.readability import flesch_ease


def score(scorer, text, target=None):
    return scorer.score(Example(id="a", messages=(), target=target), Response(example_id="a", text=text))


def test_english_is_read_by_flesch():
    easy, hard = "The cat sat. The dog ran.", "Institutional considerations necessitate comprehensive evaluation."
    assert score(Readability(language="en"), easy).value > 100 > 0 > score(Readability(language="en"), hard).value
    assert flesch_ease("...") is None
    # 6 words, 1 sentence, 6 syllables: 206.835 - 6.09 - 84.6
    assert flesch_ease("The cat sat on the mat.") == pytest.approx(116.145)


def test_japanese_is_read_by_jreadability():
    library = pytest.importorskip("jreadability")
    text = "昨日は雨が降ったので、家で本を読みました。"
    assert score(Readability(language="ja"), text).value == library.compute_readability(text)
    assert measure_japanese("。。") is None


def test_a_suite_has_one_formula_and_limits():
    rows = [Example(id="a", messages=(Message(role="user", content="教えて"),), target=None)]
    assert Readability().with_targets(rows).language == "ja"
    found = score(Readability(language="en", min=60), "The cat sat.")
    assert found.parts["in_range"] == 1
    assert score(Readability(language="en", max=60), "The cat sat.").parts["in_range"] == 0
    assert score(Readability(language="en"), "").status == "NOT_APPLICABLE"
    with pytest.raises(ValueError, match="must be below"):
        Readability(min=3, max=2)


class _Server(BaseHTTPRequestHandler):
    """Embeds a text as counts of its letters a to d."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vectors = [[text.count(one) + 0.01 for one in "abcd"] for text in asked["input"]]
        body = {"object": "list", "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        body["data"] = [{"object": "embedding", "index": at, "embedding": one} for at, one in enumerate(vectors)]
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


def test_an_api_embeds_and_equal_texts_are_alike():
    server = HTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        scorer = Embedding(model="m", base_url=f"http://127.0.0.1:{server.server_port}/v1", threshold=0.9)
        assert score(scorer, "aab", "aab").value == 1
        near, far = score(scorer, "aab", "aabb"), score(scorer, "aab", "ddc")
        assert near.value > 0.9 > far.value
        assert (near.parts["alike"], far.parts["alike"]) == (1, 0)
        assert score(scorer, "", "aab").value == 0
        assert score(scorer, "aab", ["ddc", "aab"]).value == 1
    finally:
        server.shutdown()
        server.server_close()


def test_a_text_is_embedded_once_and_an_unusable_vector_is_an_error():
    asked = []

    def embed(texts):
        asked.extend(texts)
        return np.array([[1.0, float(len(text))] for text in texts])

    one = Embedder(embed)
    assert one.cosine("a", "bb") == one.cosine("a", "bb") < 1
    assert asked == ["a", "bb"]
    with pytest.raises(ScorerError, match="no usable vector"):
        Embedder(lambda texts: np.zeros((len(texts), 2))).cosine("a", "b")


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "dog", "sat", "did", "not"]


def make_model(folder, kind="Bert", **more):
    """A tiny encoder with random weights, as a hub would hold it."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    (folder / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    config = getattr(transformers, f"{kind}Config")(vocab_size=len(WORDS), **size, **more)
    getattr(transformers, f"{kind}Model")(config).save_pretrained(folder)
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return str(folder)


@pytest.mark.slow
def test_a_local_model_embeds_by_the_mean_of_its_tokens_or_the_first_whatever_stands_beside(tmp_path):
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    model = make_model(tmp_path)
    cut, net = transformers.AutoTokenizer.from_pretrained(model), transformers.AutoModel.from_pretrained(model).eval()

    def by_hand(text, pooling):
        with torch.inference_mode():
            states = net(**cut(text, return_tensors="pt")).last_hidden_state[0]
        return states.mean(0) if pooling == "mean" else states[0]

    long, short = "the cat sat the cat sat the dog did not", "dog"
    for pooling in ("mean", "cls"):
        scorer = Embedding(model=model, pooling=pooling, threshold=0.5)
        found = score(scorer, long, short)
        one, two = by_hand(long, pooling), by_hand(short, pooling)
        assert found.value == pytest.approx(float(torch.cosine_similarity(one, two, dim=0)), abs=1e-5)
        assert score(scorer, long, long).value == 1
    assert "a negated sentence is near" in Embedding(model=model).metrics()[0].about
    with pytest.raises(ScorerError, match="cannot open"):
        score(Embedding(model=str(tmp_path / "none")), "a", "b")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Bert", "Roberta"])
def test_a_text_longer_than_the_model_has_places_for_is_cut(tmp_path, kind):
    model = make_model(tmp_path, kind, max_position_embeddings=20, pad_token_id=0)
    found = score(Embedding(model=model), "cat sat " * 100, "dog sat " * 100)
    assert -1 <= found.value < 1
