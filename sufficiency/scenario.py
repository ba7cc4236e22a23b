"""Scenario files: settings laid over a base, checked all at once, with every change listed.

``load_scenario`` reads TOML, follows ``extends`` and refuses what it does not know with a suggestion.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
from pydantic import BaseModel, ValidationError

from sufficiency.errors import Fault, InputError
from sufficiency.programmes import DemandLever
from sufficiency.settings import Demand, Finance, HomeChange, Horizon, Matching, NewHome, Supply, Targets
from sufficiency.settings_base import Settings

ARRAYS: Final[Mapping[str, type[DemandLever] | type[NewHome] | type[HomeChange]]] = {
    "demand.levers": DemandLever,
    "supply.homes": NewHome,
    "supply.changes": HomeChange,
}
"""Settings of which a scenario file may hold several, each under its own ``[[…]]``: a file that has any replaces all
of those of its base."""

DEFAULT_OR_REGISTER: Final = "default; from carers.csv where there is one, see recruitment_rates"


class Scenario(Settings):
    """One set of assumptions, as laid over its base."""

    name: str
    """What tables and charts call it."""
    question: str = ""
    """The question that the scenario asks."""
    extends: str | None = None
    """Scenario file underneath, beside this one."""
    data: Path | None = None
    """Folder of the authority's data [path, from the scenario file]."""
    horizon: Horizon = Horizon()
    """What is projected."""
    demand: Demand = Demand()
    """Children."""
    supply: Supply = Supply()
    """Carers and homes."""
    matching: Matching = Matching()
    """Children to homes."""
    finance: Finance = Finance()
    """Costs."""
    targets: Targets = Targets()
    """Promises."""

    _base: Mapping[str, Any] = {}
    _origins: Mapping[str, str] = {}

    @property
    def changes(self) -> pd.DataFrame:
        """What differs from the base, in file order: ``setting``, ``was``, ``now``, ``source``.

        Of settings that stand under ``[[…]]``, each has a row of its own, with its name behind the setting.
        """
        rows = [
            (*row, origin)
            for key, origin in self._origins.items()
            for row in _compared(key, self._base.get(key), _at(self, key))
        ]
        return pd.DataFrame(
            [row for row in rows if row[1] != row[2]], columns=["setting", "was", "now", "source"]
        ).astype("str")

    def assumptions(self) -> pd.DataFrame:
        """Every setting in force: ``setting``, ``value``, ``meaning``, ``source`` (the file that sets it).

        Of the rates that nobody sets, those in force stand in the table of rates of recruitment.
        """
        to_register = _left_to_register(self)
        rows = [
            (
                key,
                _text(_at(self, key)),
                " ".join(meaning.split()),
                self._origins.get(key, DEFAULT_OR_REGISTER if key in to_register else "default"),
            )
            for key, meaning in _leaves(type(self))
            if key not in ("name", "question", "extends", "data")
        ]
        return pd.DataFrame(rows, columns=["setting", "value", "meaning", "source"])

    def with_changes(self, changes: Mapping[str, Any], why: str = "set in code") -> Scenario:
        """A copy with settings changed by their dotted names; ``why`` stands in ``changes`` as the source.

        Raises :class:`InputError` for an unknown setting or a value out of bounds.
        """
        # Only what is stated: a copy must not state the defaults, which give way to the register's own rates.
        settings = self.model_dump(exclude_unset=True, mode="python")
        for key, value in changes.items():
            _put(settings, key, value)
        copy = _validated(settings, f"changes ({why})")
        before = {key: origin for key, origin in self._origins.items() if key not in changes}
        origins = {**before, **dict.fromkeys(changes, why)}
        base = {**{key: _before(self, key) for key in changes if _exists(self, key)}, **self._base}
        return _traced(copy, base, origins)


def load_scenario(path: str | Path) -> Scenario:
    """Read a scenario file with everything that it extends.

    Raises :class:`InputError` with every fault of the file: not TOML, unknown settings (with a suggestion), values
    out of bounds, ``extends`` in a circle or of a file that is not there.
    """
    chain = list(_chain(Path(path)))
    settings: dict[str, Any] = {}
    base_settings: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for file, table in reversed(chain):
        if file == chain[0][0]:
            base_settings = _copy(settings)
        _overlay(settings, table)
        if len(chain) == 1 or file != chain[-1][0]:
            origins.update(dict.fromkeys(_keys(table), file.name))
    settings = {"name": chain[0][0].stem, **settings}
    scenario = _validated(settings, str(path))
    base = _validated({"name": "base", **base_settings}, str(path))
    known = {key: origin for key, origin in origins.items() if key not in ("name", "question", "extends", "data")}
    return _traced(scenario, {key: _before(base, key) for key in known}, known)


def reference() -> str:
    """The reference page of all settings, as Markdown, from their own sentences."""
    lines = [
        "# Settings of a scenario",
        "",
        "Made from the settings' own sentences; do not edit. A lever may be a number, a list with a value for each",
        "year (the last goes on), or an 80% range `{ low = 0.10, high = 0.18 }` drawn once for each simulated future.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    defaults = Scenario(name="")
    for key, meaning in _leaves(Scenario):
        shown = "" if key == "name" else _text(_at(defaults, key))
        lines.append(f"| `{key}` | {shown} | {' '.join(meaning.split())} |")
    for key, model in ARRAYS.items():
        lines += ["", f"Each `[[{key}]]` has:", "", "| setting | default | meaning |", "|---|---|---|"]
        for name, field in model.model_fields.items():
            shown = "required" if field.is_required() else _text(field.default)
            lines.append(f"| `{name}` | {shown} | {' '.join((field.description or '').split())} |")
    return "\n".join(lines) + "\n"


def _chain(path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The file, the file it extends, and so on; ``data`` made relative to the file that names it."""
    seen: list[Path] = []
    while True:
        where = path.resolve()
        if where in seen:
            circle = " → ".join(file.name for file in [*seen, where])
            raise _fault("S02", str(seen[0]), "extends", f"goes in a circle: {circle}", "Let one file extend no other.")
        seen.append(where)
        table = _read(path)
        if isinstance(table.get("data"), str):
            table["data"] = path.parent / table["data"]
        yield path, table
        if not isinstance(table.get("extends"), str):
            return
        path = path.parent / table["extends"]


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise _fault("S01", str(path), "", "is not there", "Check the path and its spelling.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _fault("S01", str(path), "", f"cannot be read ({error})", "Give a TOML text file.") from None
    except tomllib.TOMLDecodeError as error:
        raise _fault("S03", str(path), "", f"is not valid TOML: {error}", "Mend that line.") from None


def _fault(code: str, table: str, column: str, says: str, fix: str) -> InputError:
    return InputError([Fault(code, table, column, (), says, fix)])


def _validated(settings: dict[str, Any], source: str) -> Scenario:
    """Settings checked; every fault told with its dotted name, what is wrong and what to give."""
    try:
        return Scenario.model_validate(settings)
    except ValidationError as error:
        raise InputError(_setting_fault(dict(item), settings, source) for item in error.errors()) from None


def _setting_fault(error: dict[str, Any], settings: Mapping[str, Any], source: str) -> Fault:
    path = [str(part) for part in error["loc"] if not isinstance(part, int)]
    setting, where = ".".join(path), _where(error["loc"], settings)
    meanings = dict(_meanings())
    if error["type"] == "extra_forbidden":
        groups = {".".join(key.split(".")[: len(path)]) for key in meanings}
        near = difflib.get_close_matches(setting, [*sorted(groups), *meanings], n=1, cutoff=0.5)
        fix = f"Did you mean {near[0]}?" if near else "See scenarios/REFERENCE.md for the settings there are."
        return Fault("S04", source, where, (), "there is no such setting", fix)
    message = "is missing" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ")
    meaning = meanings.get(setting, "")
    return Fault("S05", source, where, (), message, " ".join(f"It means: {meaning}".split()) if meaning else "Mend it.")


def _where(path: tuple[str | int, ...], settings: Mapping[str, Any]) -> str:
    """Dotted name of a setting; under ``[[…]]`` with the name, or else the position, of its table."""
    key = ".".join(str(part) for part in path[:2])
    if key not in ARRAYS or len(path) < 3 or not isinstance(path[2], int):
        return ".".join(str(part) for part in path)
    table = settings[str(path[0])][str(path[1])][path[2]]
    name = table.get("name", table.get("home_id")) if isinstance(table, Mapping) else None
    which = f' "{name}"' if isinstance(name, str) else f", number {path[2] + 1}"
    rest = ".".join(str(part) for part in path[3:] if not isinstance(part, int))
    return f"{key}{which}{', ' if rest else ''}{rest}"


def _meanings() -> Iterator[tuple[str, str]]:
    """Dotted name and meaning of every setting, those under ``[[…]]`` among them."""
    yield from _leaves(Scenario)
    for key, model in ARRAYS.items():
        yield from _leaves(model, f"{key}.")


def _compared(key: str, was: Any, now: Any) -> Iterator[tuple[str, str, str]]:
    """Setting, what it was and what it is now as texts; each of those under ``[[…]]`` by itself."""
    if key not in ARRAYS:
        yield key, _text(was), _text(now)
        return
    before, after = ({_name(one): _text(one) for one in several or ()} for several in (was, now))
    for name in {**before, **after}:
        yield f"{key}.{name}", before.get(name, "none"), after.get(name, "none")


def _leaves(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted name and meaning of every setting."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _leaves(inner, f"{prefix}{name}.")
        else:
            yield prefix + name, field.description or ""


def _at(settings: BaseModel, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _before(settings: Scenario, key: str) -> Any:
    """What a setting was; to state a rate that the register would have given is a change, even to the default."""
    value = _at(settings, key)
    return f"{_text(value)}, or from carers.csv" if key in _left_to_register(settings) else value


def _left_to_register(scenario: Scenario) -> set[str]:
    return {f"supply.recruitment.{name}" for name in scenario.supply.recruitment.left_to_register()}


def _exists(settings: BaseModel, key: str) -> bool:
    return key in {name for name, _ in _leaves(type(settings))}


def _put(settings: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for part in path:
        inner = settings.get(part)
        settings[part] = settings = dict(inner) if isinstance(inner, Mapping) else {}
    settings[last] = value


def _keys(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping) and set(value) != {"low", "high"}:
            yield from _keys(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def _overlay(settings: dict[str, Any], table: Mapping[str, Any]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping) and isinstance(settings.get(key), dict) and set(value) != {"low", "high"}:
            _overlay(settings[key], value)
        else:
            settings[key] = _copy(value)


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, Mapping) else value


def _traced(scenario: Scenario, base: Mapping[str, Any], origins: Mapping[str, str]) -> Scenario:
    """The scenario with its history; private attributes, so that they are neither settings nor compared."""
    traced = scenario.model_copy()
    object.__setattr__(traced, "__pydantic_private__", {"_base": dict(base), "_origins": dict(origins)})
    return traced


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, tuple):
        return ", ".join(_text(item) for item in value) or "none"
    if isinstance(value, NewHome):
        return f"{value.home_id} ({value.places} places, {value.kind}, opens {value.opens})"
    if isinstance(value, HomeChange):
        return f"{value.home_id} {'closes' if value.closes else f'has {value.places} places'} on {value.date}"
    if isinstance(value, DemandLever):
        return f"{value.name}: {value}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(one: DemandLever | NewHome | HomeChange) -> str:
    if isinstance(one, HomeChange):
        return f"{one.home_id} on {one.date}"
    return one.name if isinstance(one, DemandLever) else one.home_id
