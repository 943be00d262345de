"""git is asked, never guessed, and its refusals keep its words."""

import pytest

from mooring import git
from mooring.errors import GitError
from tests.support.workspaces import git_repository


@pytest.fixture
def repository(tmp_path):
    return git_repository(tmp_path)


def test_show_returns_a_file_at_a_revision(repository):
    repository.write("a.txt", "first\n")
    first = repository.commit()
    repository.write("a.txt", "second\n")
    repository.commit()
    assert git.show(first, "a.txt", repository.path) == "first\n"
    assert git.show("HEAD", "a.txt", repository.path) == "second\n"


def test_show_reads_paths_relative_to_the_directory(repository):
    repository.write("deep/a.txt", "nested, with é\n")
    repository.commit()
    assert git.show("HEAD", "a.txt", repository.path / "deep") == "nested, with é\n"


def test_a_missing_file_in_a_revision_raises_gits_message(repository):
    sha = repository.commit()
    with pytest.raises(GitError) as caught:
        git.show(sha, "params.yaml", repository.path)
    assert str(caught.value) == (
        f"git cat-file blob {sha}:./params.yaml: git failed\n"
        f"  got: fatal: path 'params.yaml' does not exist in '{sha}'"
    )


def test_experiments_are_listed_without_dvcs_other_refs(repository):
    sha = repository.commit()
    base = f"{sha[:2]}/{sha[2:]}"
    for ref in (
        f"refs/exps/{base}/solid-pike",
        f"refs/exps/{base}/tame-wolf",
        "refs/exps/stash",
        "refs/exps/exec/EXEC_BASELINE",
        f"refs/exps/celery/{base}/solid-pike",
    ):
        repository.git("update-ref", ref, sha)
    assert git.experiments(repository.path) == {
        f"refs/exps/{base}/solid-pike": sha,
        f"refs/exps/{base}/tame-wolf": sha,
    }


def test_no_experiments_are_no_error(repository):
    assert git.experiments(repository.path) == {}


def test_root_is_found_from_below(repository):
    below = repository.path / "a" / "b"
    below.mkdir(parents=True)
    assert git.root(below) == repository.path


def test_outside_a_repository_git_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(GitError, match="not a git repository"):
        git.root(tmp_path)


def test_a_missing_git_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError) as caught:
        git.version()
    assert caught.value.fix == "install git and put it on PATH"


def test_version_has_major_and_minor():
    assert (2, 0) < git.version() < (10, 0)
