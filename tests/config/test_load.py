"""Loading: a stage gets the one section that it asks for, or a message that says why not."""

from pathlib import Path

import pytest

from mooring.config.load import load, read_params
from mooring.config.runtime import Runtime
from mooring.config.window import TimeWindow, Window
from mooring.errors import ConfigError

TEXT = """
runtime: {seed: 1, n_threads: 2, memory_mb: 256}
window: {kind: time, train_start: '2013-01-01', train_end: '2013-02-01', embargo_days: 0, test_days: 1}
"""


def test_a_section_is_loaded_by_its_class(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(TEXT)
    assert load(Runtime, path) == Runtime(seed=1, n_threads=2, memory_mb=256)
    assert isinstance(load(Window, path).root, TimeWindow)


def test_a_wrong_section_does_not_disturb_another(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(TEXT.replace("kind: time", "kind: 3"))
    assert load(Runtime, path).seed == 1


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("a: 1\nb: 2\n")
    with pytest.raises(ConfigError) as caught:
        load(Runtime, path)
    assert str(caught.value) == (
        f"{path}: section runtime is missing\n  got: a, b\n  fix: run 'mooring compose'"
    )


@pytest.mark.parametrize("content", [None, b"a: [1", b"a: \xff", b"\x00"])
def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "params.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_params(path)
    assert str(caught.value).startswith(f"{path}: cannot be read\n  got: ")


@pytest.mark.parametrize("content", ["", "- a\n", "3\n"])
def test_a_file_without_sections_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match="has no sections"):
        read_params(path)
