"""release.yaml holds content hashes, all of them or none."""

from pathlib import Path

import pytest

from mooring.errors import ConfigError
from mooring.release.pins import ModelPin, Release, read_release
from tests.support.workspaces import ROOT

MD5, SHA256, COMMIT = "0a" * 16 + ".dir", "1b" * 32, "2c" * 20
MODEL = f"model:\n  md5: {MD5}\n  sha256: {SHA256}\n"


def write(directory: Path, text: str) -> Path:
    path = directory / "release.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_repository_starts_without_a_release(tmp_path):
    path = ROOT / "argo/apps/scorer/overlays/production/release.yaml"
    assert isinstance(read_release(path), Release)
    assert read_release(write(tmp_path, "model: null\n")) == Release(model=None)


def test_a_whole_release_is_read(tmp_path):
    text = MODEL + (
        f"source_commit: {COMMIT}\ndvc_lock_sha256: {SHA256}\n"
        f"image: registry.example.org:5000/scorer@sha256:{SHA256}\n"
    )
    assert read_release(write(tmp_path, text)) == Release(
        model=ModelPin(md5=MD5, sha256=SHA256),
        source_commit=COMMIT,
        dvc_lock_sha256=SHA256,
        image=f"registry.example.org:5000/scorer@sha256:{SHA256}",
    )


@pytest.mark.parametrize(
    ("text", "what", "expected"),
    [
        ("{}", "model is wrong", "a value for this key"),
        (MODEL + "tag: v1\n", "tag is wrong", "no such key"),
        (MODEL.replace(".dir", ""), "model.md5 is wrong", "String should match pattern"),
        (MODEL.replace("1b", "1B"), "model.sha256 is wrong", "String should match pattern"),
        (MODEL + "image: scorer:latest\n", "image is wrong", "String should match pattern"),
        (MODEL + "source_commit: main\n", "source_commit is wrong", "String should match pattern"),
        (MODEL + "dvc_lock_sha256: 12\n", "dvc_lock_sha256 is wrong", "valid string"),
        ("[]", "the whole file is wrong", "object"),
        ("", "the whole file is wrong", "object"),
        (
            f"model: null\nsource_commit: {COMMIT}\n",
            "the whole file is wrong",
            "source_commit: null if model is null",
        ),
    ],
)
def test_a_wrong_release_is_refused_by_key(tmp_path, text, what, expected):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_release(path)
    assert (caught.value.what, caught.value.where) == (what, str(path))
    assert expected in caught.value.expected


@pytest.mark.parametrize("text", ["model: [", "model: 2013-01-01\n"])
def test_a_release_that_is_not_plain_yaml_is_refused(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        read_release(write(tmp_path, text))
    assert caught.value.what == "cannot be read"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read_release(tmp_path / "release.yaml")
    assert "No such file" in caught.value.got
