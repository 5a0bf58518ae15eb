"""A real compatible server says what local inference says: the same models, prompts and draws, the same verdict."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import compatible_server

NEAR = 1e-3
"""Two logits this near are a tie, which arithmetic in another order may break the other way"""


@pytest.mark.slow
@pytest.mark.parametrize("api", compatible_server.APIS)
def test_the_verdict_over_a_real_server_is_the_verdict_of_local_inference(tmp_path: Path, api: str) -> None:
    lacking = compatible_server.missing()
    if lacking is not None:
        pytest.skip(f"{lacking} (pip install fastapi uvicorn)")
    (found,) = compatible_server.measured(tmp_path, cases=2, apis=[api])
    assert found.answers == 4
    assert [item for item in found.divergences if abs(item.gap) > NEAR] == []
    assert found.same_findings or found.divergences
