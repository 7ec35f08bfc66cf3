"""Registries: things of one kind by name, ours and those that installed packages bring.

Ours are the modules of one of our packages: adding a module is all there is to do. Others' are
entry points of a group, read from the metadata of what is installed.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Generic, TypeVar

from portops.errors import SettingsError

T = TypeVar("T")


class Registry(Generic[T]):
    """Things of one kind by name: the modules of one of our packages, then installed plug-ins.

    `group` is the entry points' group, such as `portops.rules`. `package` is our own package; each
    public module (or folder) in it is one entry, under its name with `-` for `_`, and holds the
    thing in `attribute`; `machinery` names the modules that are none. Every thing is of type
    `kind`, after `adapt` (which raises TypeError in words) where one is given. Names and things
    are kept until `refresh()`.
    """

    def __init__(
        self,
        group: str,
        package: str,
        attribute: str,
        *,
        kind: type[T],
        machinery: tuple[str, ...] = (),
        adapt: Callable[[object], object] | None = None,
    ) -> None:
        self.group = group
        self.package = package
        self.attribute = attribute
        self.kind = kind
        self.machinery = frozenset(machinery)
        self.adapt = adapt
        self._ours: dict[str, str] | None = None
        self._plugins: dict[str, EntryPoint] | None = None
        self._loaded: dict[str, T] = {}

    def refresh(self) -> None:
        """Forget what was found, so that it is looked for again."""
        self._ours = self._plugins = None
        self._loaded = {}

    def names(self) -> list[str]:
        """Return the names: our modules' in alphabetical order, then the plug-ins'.

        Nothing is imported but the package itself. Raises SettingsError when a plug-in takes a name
        that is taken.
        """
        return [*self._modules(), *self._entry_points()]

    def __contains__(self, name: object) -> bool:
        return name in self._modules() or name in self._entry_points()

    def __iter__(self) -> Iterator[T]:
        return (self[name] for name in self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __getitem__(self, name: str) -> T:
        """Return the thing of that name, importing it when it is first asked for.

        Raises KeyError for an unknown name, SettingsError for a plug-in that cannot be loaded or
        gives something else than it should.
        """
        if name not in self._loaded:
            module = self._modules().get(name)
            if module is not None:
                self._loaded[name] = self._checked(
                    getattr(import_module(module), self.attribute), f"{module}.{self.attribute}"
                )
            else:
                self._loaded[name] = self._from_plugin(self._entry_points()[name])
        return self._loaded[name]

    def source(self, name: str) -> str:
        """Say where the thing of that name comes from: our module, or a package's entry point."""
        return self._modules().get(name) or _origin(self._entry_points()[name])

    def _modules(self) -> dict[str, str]:
        if self._ours is None:
            spec = find_spec(self.package)
            paths = (spec.submodule_search_locations if spec else None) or []
            modules = sorted(module.name for module in pkgutil.iter_modules(paths))
            self._ours = {
                name.replace("_", "-"): f"{self.package}.{name}"
                for name in modules
                if not name.startswith("_") and name not in self.machinery
            }
        return self._ours

    def _entry_points(self) -> dict[str, EntryPoint]:
        if self._plugins is None:
            plugins: dict[str, EntryPoint] = {}
            for point in entry_points(group=self.group):
                holder = plugins.get(point.name)
                if holder is not None and holder == point:
                    continue  # one package that is on the path twice
                if holder is not None or point.name in self._modules():
                    owner = _origin(holder) if holder else "portops itself"
                    raise SettingsError(
                        f"{_origin(point)} takes the name '{point.name}' of {owner}.",
                        "Uninstall that package, or ask its author to choose another name.",
                    )
                plugins[point.name] = point
            self._plugins = dict(sorted(plugins.items()))
        return self._plugins

    def _from_plugin(self, point: EntryPoint) -> T:
        try:
            value = point.load()
        except Exception as error:  # a stranger's module may raise anything when it is imported
            raise SettingsError(
                f"{_origin(point)} cannot be loaded ({type(error).__name__}: {error}).",
                "Reinstall or uninstall that package, or ask its author.",
            ) from error
        return self._checked(value, _origin(point))

    def _checked(self, value: object, origin: str) -> T:
        wrong = f"gives {type(value).__name__}, not {self.kind.__name__}"
        try:
            value = self.adapt(value) if self.adapt else value
        except TypeError as error:
            wrong = str(error)
            value = None
        if not isinstance(value, self.kind):
            raise SettingsError(
                f"{origin} {wrong}.", "Uninstall the package that brings it, or ask its author."
            )
        return value


def _origin(point: EntryPoint) -> str:
    """Name a plug-in by its package, group and entry point."""
    package = point.dist.name if point.dist else "an installed package"
    return f"The entry point {point.group}: {point.name} = {point.value} of the package {package}"
