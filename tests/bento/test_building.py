"""The bento: named by its content, sealed, and with nothing in it that serving does not need."""

import json
import random
import shutil
from pathlib import Path

import pytest
import yaml

from mooring import files
from mooring.bento.sealed import DOCKERFILE, check_seal, seal
from mooring.errors import IntegrityError
from tests.support.packaged import ROW, run_stage
from tests.support.project import ROOT
from tests.support.server import Server


def version_of(bento: Path) -> str:
    return str(yaml.safe_load((bento / "bento.yaml").read_text())["version"])


def test_the_same_content_gives_the_same_bytes(packaged: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(packaged, tmp_path / "copy", symlinks=True))
    (copy / "models/scorer.bento").unlink()
    run_stage(copy, "package")
    first, second = (files.sha256_file(d / "models/scorer.bento") for d in (packaged, copy))
    assert first == second
    assert files.read_json(copy / "models/bento.json")["sha256"] == first


def test_different_content_gives_a_different_name(packaged: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(packaged, tmp_path / "copy", symlinks=True))
    params = yaml.safe_load((copy / "params.yaml").read_text())
    params["report"]["threshold"] = 0.6
    (copy / "params.yaml").write_text(yaml.safe_dump(params))
    run_stage(copy, "package")
    tags = [files.read_json(d / "models/bento.json")["tag"] for d in (packaged, copy)]
    assert tags[0] != tags[1]


def test_the_bento_contains_only_the_files_of_serving(bento: Path, packaged: Path) -> None:
    held = {path.relative_to(bento).as_posix() for path in bento.rglob("*") if path.is_file()}
    assert {name for name in held if name.startswith("src/release/")} == {
        "src/release/model/golden.json",
        "src/release/model/model.onnx",
        "src/release/model/spec.json",
        "src/release/request.json",
        "src/release/served.json",
    }
    for room in ("data", "evaluation", "search", "metrics", "reports", "commands", "packaging"):
        assert not any(f"/{room}/" in name for name in held)
    assert "src/mooring/models/training.py" not in held
    tag = files.read_json(packaged / "models/bento.json")["tag"]
    assert tag == f"scorer:{version_of(bento)}"


def test_its_lock_has_hashes_and_project_versions_without_training_packages() -> None:
    serving, project = (
        dict(line.split(" ")[0].split("==") for line in lock.splitlines() if "==" in line)
        for lock in (
            (ROOT / "bentos/scorer/requirements.lock").read_text(),
            (ROOT / "requirements.lock").read_text(),
        )
    )
    assert {n: v for n, v in serving.items() if project.get(n) != v} == {}
    for name in ("scikit-learn", "scipy", "dvc", "optuna", "skops", "skl2onnx", "onnx", "duckdb"):
        assert name in project
        assert name not in serving
    text = (ROOT / "bentos/scorer/requirements.lock").read_text()
    assert text.count("--hash=sha256:") >= len(serving)
    assert "http" not in "".join(line for line in text.splitlines() if line.startswith("-"))


def test_served_facts_match_the_graph(bento: Path, packaged: Path) -> None:
    served = json.loads((bento / "src/release/served.json").read_text())
    spec = files.read_json(packaged / "models/scorer/spec.json")
    manifest = files.read_json(packaged / "data/manifest.json")
    assert served["digests"] == {
        "model": spec["model_sha256"],
        "champion": None,
        "rows": manifest["rows_hash"],
        "query": manifest["query"]["sha256"],
        "reference": files.sha256_file(packaged / "models/reference/index.json"),
        "requirements": files.sha256_file(ROOT / "bentos/scorer/requirements.lock"),
    }
    assert served["threshold"] == 0.4


def test_a_sealed_bento_verifies(bento: Path) -> None:
    assert check_seal(bento, in_image=False) == version_of(bento)


def test_a_flipped_byte_in_any_file_is_named(own_bento: Path) -> None:
    paths = sorted(path for path in own_bento.rglob("*") if path.is_file())
    assert len(paths) > 40
    for path in paths:
        content = path.read_bytes()
        for position in {0, len(content) // 2, len(content) - 1} if content else ():
            spoilt = bytearray(content)
            spoilt[position] ^= 1
            path.write_bytes(spoilt)
            with pytest.raises(IntegrityError) as caught:
                check_seal(own_bento, in_image=False)
            named = {str(path), str(own_bento / "manifest.json")}
            assert caught.value.where in named
        path.write_bytes(content)
    check_seal(own_bento, in_image=False)


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def check_never_ready(bento: Path, home: Path, name: str) -> None:
    with Server(bento, home) as server:
        server.wait("/livez")
        answer = server.wait("/readyz", 503)
        assert name in answer.json()["detail"]
        assert server.predict([ROW]).status_code == 503
        assert name in server.log.read_text()


@pytest.mark.parametrize(
    "name",
    ["src/release/model/model.onnx", "src/mooring/features/derived.py", "src/release/served.json"],
)
def test_a_bento_with_a_flipped_byte_is_alive_but_never_ready(
    own_bento: Path, tmp_path: Path, name: str
) -> None:
    flip(own_bento / name, -2)  # in a .py file a space or the last letter
    check_never_ready(own_bento, tmp_path / "home", name)


@pytest.mark.prove
@pytest.mark.parametrize(
    "kind",
    [
        *(
            "src/mooring/serving/*/r*.py",
            "src/mooring/bento/compiled.py",
            "src/release/model/*.onnx",
        ),
        *("src/release/**/*.json", "env/python/*.lock.txt", "env/docker/Dockerfile*"),
        *("bento.yaml", "manifest.json", "README.md"),
    ],
)
def test_a_flipped_bit_in_any_file_is_named_and_prevents_ready(
    own_bento: Path, tmp_path: Path, kind: str
) -> None:
    source = random.Random(f"20131 {kind}")
    path = source.choice(sorted(own_bento.glob(kind)))
    content = path.read_bytes()
    position = source.randrange(len(content))
    if path.name == "bento.yaml":  # BentoML itself must be able to read it: the year of its making
        position = content.index(b"1970") + 3
    flip(path, position)
    check_never_ready(own_bento, tmp_path / "home", path.relative_to(own_bento).as_posix())


def test_a_missing_and_an_added_file_are_named(own_bento: Path) -> None:
    added = own_bento / "src/bentos/scorer/extra.py"
    added.write_text("")
    with pytest.raises(IntegrityError) as caught:
        check_seal(own_bento, in_image=False)
    assert (caught.value.where, caught.value.what) == (str(added), "is not listed in manifest.json")
    added.unlink()
    gone = own_bento / "src/release/request.json"
    gone.unlink()
    with pytest.raises(IntegrityError) as caught:
        check_seal(own_bento, in_image=False)
    assert (caught.value.where, caught.value.what) == (str(gone), "is missing")


def test_a_different_dockerfile_is_accepted_in_an_image(own_bento: Path) -> None:
    (own_bento / DOCKERFILE).write_text("FROM scratch\n")
    check_seal(own_bento, in_image=True)
    with pytest.raises(IntegrityError, match="has changed since it was sealed"):
        check_seal(own_bento, in_image=False)


def test_a_bento_sealed_again_after_a_change_has_another_version(own_bento: Path) -> None:
    """Whoever changes a file and seals again gets another version than the release pins."""
    before = version_of(own_bento)
    described = (own_bento / "bento.yaml").read_text().replace(before, "0" * 16)
    (own_bento / "bento.yaml").write_text(described)
    (own_bento / "README.md").write_text("other")
    assert seal(own_bento) != before


def test_the_dockerfile_is_bentoml_s_with_an_exec_entrypoint(bento: Path) -> None:
    text = (bento / DOCKERFILE).read_text()
    assert "# Block SETUP_BENTO_BASE_IMAGE" in text
    assert 'ENTRYPOINT ["/app/.venv/bin/python", "-m", "bentoml", "serve"' in text
    assert "HEALTHCHECK" in text
    assert text.index("USER 1034:1034") < text.index("ENTRYPOINT [")
