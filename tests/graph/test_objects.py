"""Corrupt objects are found in a real DVC store, where DVC itself trusts them, and can be got back."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from mooring.errors import ConfigError, IntegrityError
from mooring.graph import objects
from mooring.graph.cache import object_path
from mooring.graph.settings import Remote, cache_directory, default_remote
from tests.support.workspaces import copied, dvc_repository

PIPELINE = """
stages:
  train:
    cmd: printf weights > model.bin && mkdir -p plots && printf curve > plots/roc.csv
    outs: [model.bin, plots]
"""


def md5_of(content: str) -> str:
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def spoil(path: Path, content: str) -> None:
    """Change an object as a bad disk does: DVC has made it read-only, and it stays so."""
    path.chmod(0o644)
    path.write_text(content)
    path.chmod(0o444)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    workspace = dvc_repository(tmp_path_factory.mktemp("objects"))
    workspace.write("dvc.yaml", PIPELINE)
    workspace.dvc("repro", "--quiet")
    workspace.dvc("push", "--quiet")
    workspace.commit()
    return workspace


@pytest.fixture
def project(template, tmp_path, monkeypatch):
    workspace = copied(template, tmp_path)
    monkeypatch.chdir(workspace.path)
    return workspace


@pytest.fixture
def cache(project):
    return project.path / ".dvc" / "cache"


def test_a_sound_cache_has_nothing_to_report(project):
    output = project.mooring("cache", "check")
    assert output.splitlines()[-1] == ".dvc/cache: 3 objects, 0 corrupt"


def test_dvc_trusts_a_corrupt_object_and_check_finds_it(project, cache):
    path = object_path(cache, md5_of("weights"))
    spoil(path, "weird!")
    (project.path / "model.bin").unlink()
    project.dvc("checkout", "--quiet")
    assert (project.path / "model.bin").read_text() == "weird!"
    assert project.dvc("status") == "Data and pipelines are up to date.\n"

    output = project.mooring("cache", "check", code=1)
    relative = path.relative_to(project.path)
    assert output.splitlines()[-7:] == [
        f"corrupt: {relative}",
        f"  expected: md5 {md5_of('weights')}",
        f"  got: md5 {md5_of('weird!')}, 6 bytes",
        "  output: model.bin",
        "  also corrupt in the workspace: model.bin",
        ".dvc/cache: 3 objects, 1 corrupt",
        "fix: run 'mooring cache check --remove', then run 'dvc pull' or 'dvc repro'",
    ]
    assert path.read_text() == "weird!"


@pytest.mark.parametrize("command", [["pull"], ["repro"]])
@pytest.mark.parametrize("checked_out", [True, False])
def test_after_remove_dvc_brings_the_good_bytes_back(project, cache, command, checked_out):
    spoil(object_path(cache, md5_of("weights")), "weird!")
    if checked_out:
        (project.path / "model.bin").unlink()
        project.dvc("checkout", "--quiet")
    project.mooring("cache", "check", "--remove", code=1)
    assert (project.path / "model.bin").exists() is not checked_out
    project.dvc(*command)
    assert (project.path / "model.bin").read_text() == "weights"
    assert object_path(cache, md5_of("weights")).read_text() == "weights"
    assert "3 objects, 0 corrupt" in project.mooring("cache", "check")
    assert project.git("status", "--porcelain") == ""


def test_a_member_of_a_directory_is_named_by_its_path(project, cache):
    spoil(object_path(cache, md5_of("curve")), "curse")
    (corrupt,) = objects.check(cache, cache).corrupt
    assert corrupt.outputs == (Path("plots/roc.csv"),)
    assert corrupt.copies == ()


def test_a_corrupt_directory_object_is_named_by_its_output(project, cache):
    (listing,) = cache.glob("files/md5/??/*.dir")
    spoil(listing, "[]")
    (corrupt,) = objects.check(cache, cache).corrupt
    assert corrupt.name == listing.parent.name + listing.name
    assert corrupt.outputs == (Path("plots"),)


def test_remove_spares_an_output_that_someone_changed(project, cache):
    spoil(object_path(cache, md5_of("weights")), "weird!")
    project.write("model.bin", "by hand")
    objects.remove(objects.check(cache, cache))
    assert (project.path / "model.bin").read_text() == "by hand"


def test_leftovers_of_a_broken_write_are_removed_but_not_a_write_under_way(project, cache):
    directory = object_path(cache, md5_of("weights")).parent
    old, new = directory / ".sxpW6kJ2dQ1.tmp", directory / ".vT0bV5n3hZ8.tmp"
    for path in (old, new):
        path.write_text("half")
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    output = project.mooring("cache", "check", "--remove")
    assert f"left over from an interrupted write: {old.relative_to(project.path)}" in output
    assert not old.exists()
    assert new.exists()


@pytest.fixture
def levels(project, tmp_path, monkeypatch):
    """The file of each level of DVC's settings, the one that shadows all others last."""
    for level in ("system", "global"):
        (tmp_path / level).mkdir()
        name = f"DVC_{level.upper()}_CONFIG_DIR"
        project.environment[name] = str(tmp_path / level)
        monkeypatch.setenv(name, str(tmp_path / level))
    own = (project.path / ".dvc/config", project.path / ".dvc/config.local")
    return (tmp_path / "system/config", tmp_path / "global/config", *own)


def test_each_level_of_dvcs_settings_shadows_the_one_before(project, levels):
    assert cache_directory(project.path) == project.path / ".dvc/cache"
    for path in levels:
        path.write_text(f"[cache]\n    dir = relative to {path.name}\n")
        assert cache_directory(project.path) == path.parent / f"relative to {path.name}"
        assert project.dvc("cache", "dir").strip() == str(cache_directory(project.path))


def test_a_remote_of_the_user_is_the_one_that_dvc_pushes_to(project, tmp_path, levels):
    place = tmp_path / "pushed"
    levels[1].write_text(
        "[core]\n    remote = own\n['remote \"own\"']\n    url = ../pushed\n    verify = true\n"
    )
    project.write(".dvc/config", "[cache]\n    type = copy\n")
    assert default_remote(project.path) == Remote("own", str(place), True, place)
    project.dvc("push", "--quiet")
    assert object_path(place, md5_of("weights")).exists()
    assert f"{place}: 3 objects, 0 corrupt" in project.mooring("cache", "check", "--remote")


@pytest.mark.parametrize("text", ["remote = local\n", "[core\n", "[core]\n    remot = local\n"])
def test_unreadable_settings_are_refused(project, text):
    project.write(".dvc/config", text)
    with pytest.raises(ConfigError) as caught:
        cache_directory(project.path)
    assert caught.value.what == "cannot be read as DVC's settings"


def test_a_remote_that_is_a_directory_is_checked_too(project, tmp_path):
    bad = object_path(tmp_path / "remote", md5_of("weights"))
    spoil(bad, "weird!")
    assert "0 corrupt" in project.mooring("cache", "check")
    assert f"corrupt: {tmp_path}/remote/files/md5/" in project.mooring(
        "cache", "check", "--remote", code=1
    )
    project.mooring("cache", "check", "--remote", "--remove", code=1)
    project.dvc("push")
    assert bad.read_text() == "weights"
    assert "3 objects, 0 corrupt" in project.mooring("cache", "check", "--remote")


def test_another_kind_of_remote_is_refused_with_the_setting_that_helps(project):
    config = project.path / ".dvc/config"
    config.write_text(config.read_text().replace("../../remote", "s3://bucket/path"))
    assert project.mooring("cache", "check", "--remote", code=2) == (
        "mooring cache: remote local: only a remote in a local directory can be checked from here\n"
        "  got: s3://bucket/path\n"
        "  fix: run 'dvc remote modify local verify true': DVC checks what it pulls\n"
    )


def test_no_remote_says_how_to_add_one(project):
    project.write(".dvc/config", "[core]\n    analytics = false\n")
    with pytest.raises(ConfigError) as caught:
        default_remote(project.path)
    assert caught.value.got == "no core.remote"


def test_a_broken_dvc_lock_is_refused(project, cache):
    project.write("dvc.lock", "stages: 3\n")
    with pytest.raises(IntegrityError) as caught:
        objects.check(cache, cache)
    assert caught.value.fix == "run 'git checkout dvc.lock'"
