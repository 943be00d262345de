"""The champion comes out of the cache by content, checked, whole or not at all."""

import hashlib
import json

import pytest

from mooring import files
from mooring.errors import IntegrityError
from mooring.graph.cache import object_path
from mooring.release.champion import materialise
from mooring.release.pins import ModelPin, Release
from tests.support.workspaces import DVC_CONFIG, ROOT, dvc_repository

FILES = {"model.onnx": b"weights", "golden.json": b"[1, 2]", "deep/spec.json": b"{}"}
RELEASE = "argo/apps/scorer/overlays/production/release.yaml"
FIX_CORRUPT = "run 'mooring cache check --remove', then 'mooring champion fetch'"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A real DVC repository that tracked a model directory and pushed it."""
    workspace = dvc_repository(tmp_path_factory.mktemp("champion"))
    for name, content in FILES.items():
        path = workspace.path / "models/scorer" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    workspace.dvc("add", "--quiet", "models/scorer")
    workspace.dvc("push", "--quiet")
    workspace.commit()
    return workspace


@pytest.fixture
def pin(trained):
    text = (trained.path / "models/scorer.dvc").read_text()
    md5 = text.partition("md5: ")[2].split()[0]
    return ModelPin(md5=md5, sha256=files.sha256_tree(trained.path / "models/scorer"))


@pytest.fixture
def cache(trained, tmp_path):
    """A copy of the cache that a test may spoil."""
    for path in (trained.path / ".dvc/cache").rglob("*"):
        if path.is_file():
            copy = tmp_path / "cache" / path.relative_to(trained.path / ".dvc/cache")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path / "cache"


def md5_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def store(cache, content: bytes, suffix: str = "") -> str:
    name = md5_of(content) + suffix
    path = object_path(cache, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def test_the_champion_is_checked_out_with_its_release(pin, cache, tmp_path):
    target = tmp_path / "models/champion"
    release = Release(model=pin, source_commit="2c" * 20)
    materialise(release, cache, target)
    assert files.sha256_tree(target / "model") == pin.sha256
    assert {
        path.relative_to(target / "model").as_posix(): path.read_bytes()
        for path in (target / "model").rglob("*")
        if path.is_file()
    } == FILES
    assert files.read_json(target / "champion.json") == {
        "release": {
            "model": {"md5": pin.md5, "sha256": pin.sha256},
            "source_commit": "2c" * 20,
            "dvc_lock_sha256": None,
            "image": None,
        }
    }


def test_without_a_release_only_champion_json_is_written(tmp_path):
    target = tmp_path / "champion"
    (target / "model").mkdir(parents=True)
    (target / "model" / "old").write_text("old")
    materialise(Release(model=None), tmp_path / "nowhere", target)
    assert [path.name for path in target.iterdir()] == ["champion.json"]
    assert files.read_json(target / "champion.json") == {"release": None}


@pytest.mark.parametrize("which", ["listing", "member"])
@pytest.mark.parametrize("harm", ["missing", "corrupt"])
def test_a_bad_object_is_named_and_the_old_champion_stays(which, harm, pin, cache, tmp_path):
    target = tmp_path / "champion"
    materialise(Release(model=None), cache, target)
    name = pin.md5 if which == "listing" else md5_of(FILES["golden.json"])
    path = object_path(cache, name)
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(b"something else")
    with pytest.raises(IntegrityError) as caught:
        materialise(Release(model=pin), cache, target)
    assert caught.value.where == str(path)
    if harm == "missing":
        assert caught.value.fix == "run 'mooring champion fetch'"
    else:
        assert caught.value.expected == f"md5 {name}"
        assert caught.value.got == f"md5 {md5_of(b'something else')}"
        assert caught.value.fix == FIX_CORRUPT
    assert [path.name for path in target.iterdir()] == ["champion.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "champion"]


def test_a_model_with_another_sha256_is_refused(pin, cache, tmp_path):
    other = ModelPin(md5=pin.md5, sha256="0" * 64)
    with pytest.raises(IntegrityError) as caught:
        materialise(Release(model=other), cache, tmp_path / "champion")
    assert (caught.value.expected, caught.value.got) == (
        f"sha256 {'0' * 64}",
        f"sha256 {pin.sha256}",
    )
    assert not (tmp_path / "champion").exists()


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "a/../../escaped", "."])
def test_a_listing_that_points_outside_is_refused(name, tmp_path):
    md5 = store(tmp_path / "cache", b"x")
    listing = json.dumps([{"md5": md5, "relpath": name}]).encode()
    bad = ModelPin(md5=store(tmp_path / "cache", listing, ".dir"), sha256="0" * 64)
    with pytest.raises(IntegrityError) as caught:
        materialise(Release(model=bad), tmp_path / "cache", tmp_path / "target" / "champion")
    assert caught.value.what == "lists a file outside its own directory"
    assert caught.value.got == name
    assert list((tmp_path / "target").iterdir()) == []


@pytest.mark.parametrize("listing", [b"[{}]", b"{", b"3", b"\xff"])
def test_an_invalid_listing_is_refused(listing, tmp_path):
    bad = ModelPin(md5=store(tmp_path / "cache", listing, ".dir"), sha256="0" * 64)
    with pytest.raises(IntegrityError) as caught:
        materialise(Release(model=bad), tmp_path / "cache", tmp_path / "champion")
    assert caught.value.what == "is not a list of files"


def aim_at(workspace, remote, verify="true"):
    config = DVC_CONFIG.replace("../../remote", str(remote)) + f"    verify = {verify}\n"
    workspace.write(".dvc/config", config)


@pytest.fixture
def clone(trained, pin, tmp_path):
    """A clone with an empty cache and a release that pins the model."""
    workspace = dvc_repository(tmp_path, "clone")
    aim_at(workspace, trained.path.parent / "remote")
    workspace.write(RELEASE, f"model:\n  md5: {pin.md5}\n  sha256: {pin.sha256}\n")
    return workspace


def test_fetch_restores_all_objects_so_that_the_stage_runs(clone, pin):
    clone.environment["PYTHONPATH"] = str(ROOT)
    failed = clone.run("python", "-m", "stages", "champion", code=2).stderr
    assert "fix: run 'mooring champion fetch'" in failed
    assert clone.mooring("champion", "fetch").endswith(
        f"the champion is in the cache: 3 files, md5 {pin.md5}\n"
    )
    clone.run("python", "-m", "stages", "champion")
    assert files.sha256_tree(clone.path / "models/champion/model") == pin.sha256


def test_fetch_uses_a_configured_cache_directory(clone, tmp_path):
    clone.write(".dvc/config.local", f"[cache]\n    dir = {tmp_path / 'shared'}\n")
    clone.mooring("champion", "fetch")
    n_objects = len([path for path in (tmp_path / "shared").rglob("*") if path.is_file()])
    assert n_objects == 4


def test_fetch_lists_objects_missing_from_the_remote(clone, tmp_path):
    aim_at(clone, tmp_path / "empty")
    output = clone.mooring("champion", "fetch", code=2)
    assert "mooring champion: remote local: the remote lacks objects of the champion" in output
    assert "fix: run 'dvc push' where the champion was trained" in output


@pytest.mark.parametrize("verify", ["true", "false"])
def test_fetch_refuses_a_corrupt_object_of_the_remote(clone, trained, tmp_path, verify):
    remote = tmp_path / "spoilt"
    clone.run("cp", "-r", str(trained.path.parent / "remote"), str(remote))
    bad = object_path(remote, md5_of(FILES["model.onnx"]))
    bad.chmod(0o644)
    bad.write_bytes(b"weird!!")
    aim_at(clone, remote, verify)
    output = clone.mooring("champion", "fetch", code=2)
    assert md5_of(FILES["model.onnx"])[2:] in output
    assert "corrupt" in output


def test_fetch_without_a_remote_says_what_to_set(clone):
    clone.write(".dvc/config", "")
    output = clone.mooring("champion", "fetch", code=2)
    assert "the champion cannot be fetched" in output
    assert "dvc remote add" in output


def test_fetch_without_a_release_has_nothing_to_do(clone):
    clone.write(RELEASE, "model: null\n")
    assert clone.mooring("champion", "fetch") == (
        "nothing to fetch: production has no release, so there is no champion\n"
    )
