"""Names of kept runs: two runs of one second never share a folder."""

from concurrent.futures import ThreadPoolExecutor

from evalkit.cli.results import _free
from evalkit.store.runs import RUNS


def test_a_name_is_numbered_where_it_is_taken_and_taken_where_it_is_given(tmp_path):
    names = [_free("20260101-120000-a-vs-b", tmp_path) for _ in range(3)]
    assert names == [f"20260101-120000-a-vs-b{suffix}" for suffix in ("", "-2", "-3")]
    assert all((tmp_path / RUNS / name).is_dir() for name in names)


def test_many_at_once_get_a_folder_each(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        names = list(pool.map(lambda _: _free("run", tmp_path), range(64)))
    assert len(set(names)) == 64
