"""Registries: our modules by their names, plug-ins by their entry points."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from portops.errors import SettingsError
from portops.registry import Registry

Install = Callable[..., None]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on sys.path with the package `house`, in which a registry's own modules lie."""
    before = set(sys.modules)
    rooms = tmp_path / "house"
    rooms.mkdir()
    (rooms / "__init__.py").touch()
    (rooms / "front_door.py").write_text("THING = 'front'\n")
    (rooms / "attic.py").write_text("THING = 'attic'\n")
    (rooms / "_private.py").write_text("raise AssertionError('never imported')\n")
    (rooms / "engine.py").write_text("raise AssertionError('never imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def install(site: Path) -> Install:
    """Install a small package of one module that brings entry points of `house.things`."""

    def write(package: str, code: str, **points: str) -> None:
        (site / f"{package}.py").write_text(code)
        info = site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = "\n".join(f"{name} = {value}" for name, value in points.items())
        (info / "entry_points.txt").write_text(f"[house.things]\n{lines}\n")
        invalidate_caches()

    return write


def _registry(**options: object) -> Registry[str]:
    return Registry("house.things", "house", "THING", kind=str, machinery=("engine",), **options)


def test_our_modules_come_first_and_are_not_imported_for_their_names(install: Install) -> None:
    """Names are known without an import: modules in order, then plug-ins; no machinery."""
    install("annex", "THING = 'annex'", annex="annex:THING")
    registry = _registry()
    assert registry.names() == ["attic", "front-door", "annex"]
    assert not [name for name in sys.modules if name.startswith(("house.", "annex"))]


def test_a_thing_is_had_by_name_and_all_by_iteration(install: Install) -> None:
    """Ours and theirs are the same to the caller."""
    install("annex", "THING = 'annex'", annex="annex:THING")
    registry = _registry()
    assert registry["front-door"] == "front"
    assert list(registry) == ["attic", "front", "annex"]
    assert "annex" in registry
    assert "cellar" not in registry
    assert len(registry) == 3
    with pytest.raises(KeyError):
        registry["cellar"]


def test_where_a_thing_comes_from_can_be_said(install: Install) -> None:
    """A module's name for ours; package and entry point for a plug-in."""
    install("annex", "THING = 'annex'", annex="annex:THING")
    assert _registry().source("attic") == "house.attic"
    assert "house.things: annex = annex:THING of the package annex" in _registry().source("annex")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1 / 0", "cannot be loaded (ZeroDivisionError"),
        ("OTHER = 1", "cannot be loaded (AttributeError"),
        ("THING = 3", "gives int, not str"),
    ],
)
def test_a_broken_plugin_is_named_and_spoils_nothing_else(
    install: Install, code: str, words: str
) -> None:
    """The error names package and entry point and says what to do; ours still load."""
    install("annex", code, annex="annex:THING")
    registry = _registry()
    assert registry["attic"] == "attic"
    with pytest.raises(SettingsError) as caught:
        registry["annex"]
    assert words in str(caught.value)
    assert "annex = annex:THING of the package annex" in str(caught.value)
    assert "Uninstall" in caught.value.remedy or "uninstall" in caught.value.remedy


def test_a_plugin_cannot_take_one_of_our_names(install: Install) -> None:
    """Nothing of ours is replaced silently."""
    install("annex", "THING = 'annex'", attic="annex:THING")
    with pytest.raises(SettingsError, match=r"takes the name 'attic' of portops itself"):
        _registry().names()


def test_two_plugins_of_one_name_are_an_error(install: Install) -> None:
    """Which of them is meant cannot be known."""
    install("annex", "THING = 'annex'", shed="annex:THING")
    install("garden", "THING = 'garden'", shed="garden:THING")
    with pytest.raises(SettingsError, match="takes the name 'shed'"):
        _registry().names()


def test_what_is_installed_later_is_seen_after_a_refresh(install: Install) -> None:
    """Names are kept for the process; tests look again."""
    registry = _registry()
    assert "annex" not in registry
    install("annex", "THING = 'annex'", annex="annex:THING")
    assert "annex" not in registry
    registry.refresh()
    assert registry["annex"] == "annex"


def test_values_can_be_adapted_before_they_are_checked(install: Install) -> None:
    """A registry may take a thing in several forms; a wrong one is said in its words."""

    def shout(value: object) -> object:
        if value == "quiet":
            raise TypeError("is too quiet")
        return str(value).upper()

    install("annex", "THING = 'quiet'", annex="annex:THING")
    registry = _registry(adapt=shout)
    assert registry["attic"] == "ATTIC"
    with pytest.raises(SettingsError, match="is too quiet"):
        registry["annex"]
