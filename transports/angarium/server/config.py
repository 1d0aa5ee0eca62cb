"""The configuration: a TOML file, ``ANGARIUM_*`` variables over it, options of the command line over those.

``load`` answers with a checked ``Config`` or a ``ConfigError`` whose text is one line that says where to look and what to write.
"""

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from attrs import Factory, evolve, frozen

from angarium.server.config_settings import SETTINGS, Setting
from angarium.server.listeners import Address

DEFAULT_FILES: Final = (Path("/etc/angarium/angarium.toml"), Path("/etc/angarium.toml"))
_BY_KEY: Final = {setting.key: setting for setting in SETTINGS}
_BY_FIELD: Final = {setting.field: setting for setting in SETTINGS}
_BY_VARIABLE: Final = {setting.variable: setting for setting in SETTINGS}
_SECTIONS: Final = {key.partition(".")[0] for key in _BY_KEY if "." in key}


class ConfigError(Exception):
    """Something is wrong with the configuration; one line, with file and line number where there is one."""


def _default(field: str) -> Any:
    return _BY_FIELD[field].default


@frozen(kw_only=True)
class Config:
    """Every setting, checked. The table ``config_settings.SETTINGS`` says what each one means."""

    data: Path = _default("data")
    imap: tuple[Address, ...] = _default("imap")
    imaps: tuple[Address, ...] = _default("imaps")
    lmtp: tuple[Address, ...] = _default("lmtp")
    hostname: str = _default("hostname")
    workers: int = _default("workers")
    threads: int = _default("threads")
    user: str = _default("user")
    grace_seconds: int = _default("grace_seconds")
    certificate: Path | None = _default("certificate")
    key: Path | None = _default("key")
    key_password_file: Path | None = _default("key_password_file")
    plaintext_login: str = _default("plaintext_login")
    autologout_seconds: int = _default("autologout_seconds")
    login_seconds: int = _default("login_seconds")
    unauthenticate: bool = _default("unauthenticate")
    sharing_owner: str = _default("sharing_owner")
    sharing_groups: tuple[str, ...] = _default("sharing_groups")
    append_octets: int = _default("append_octets")
    message_octets: int = _default("message_octets")
    domains: tuple[str, ...] = _default("domains")
    connections: int = _default("connections")
    connections_per_address: int = _default("connections_per_address")
    log_format: str = _default("log_format")
    log_level: str = _default("log_level")
    source: Path | None = None
    """The file it came from, if any."""
    origins: dict[str, str] = Factory(dict)
    """Key -> where its value came from; keys left at their default are not there."""

    @property
    def run(self) -> Path:
        """The folder of pid file, sockets and the list of listening addresses."""
        return self.data / "run"

    @property
    def groups(self) -> dict[str, frozenset[str]]:
        """The members of each group."""
        pairs = (each.partition(":") for each in self.sharing_groups)
        return {name: frozenset(members.lower().split()) for name, _, members in pairs}

    def listening(self) -> "Config":
        """Fill in the usual listeners where none was named."""
        if self.imap or self.imaps or self.lmtp:
            return self
        return evolve(
            self, imap=(Address("*", 143),), imaps=(Address("*", 993),), lmtp=(Address(path=str(self.run / "lmtp.sock")),)
        )


def load(path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> Config:
    """Read the configuration: ``overrides`` (key -> value, from options) over ``environ`` over the file at ``path``.

    Without a path it is ``ANGARIUM_CONFIG`` or the first of ``DEFAULT_FILES`` that is there, if any.
    """
    source = _find(path, environ)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    if source is not None:
        _take_file(source, values, origins)
    _take_environment(environ, values, origins)
    for key, value in (overrides or {}).items():
        setting = _BY_KEY[key]
        values[setting.field] = _read(setting, value, f"--{key.rpartition('.')[2]}")
        origins[key] = "command line"
    config = Config(**values, source=source, origins=origins)
    if config.key is not None and config.certificate is None:
        raise ConfigError(f"{_origin(origins, 'tls.key')}: tls.key needs tls.certificate beside it")
    return config


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    if path is not None:
        return path
    if environ.get("ANGARIUM_CONFIG"):
        return Path(environ["ANGARIUM_CONFIG"])
    return next((each for each in DEFAULT_FILES if each.exists()), None)


def _take_file(path: Path, values: dict[str, Any], origins: dict[str, str]) -> None:
    try:
        text = path.read_text("utf-8")
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = f"{path}:{line[1]}" if line else f"{path}:{text.count(chr(10)) + 1}"
        raise ConfigError(f"{place}: {re.sub(r' *[(]at .*[)]$', '', str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8") from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    for key, value in _flatten(tree):
        place = f"{path}:{_line_of(text, key)}"
        if key not in _BY_KEY:
            raise ConfigError(f"{place}: unknown key {key!r}{_suggestion(key)}")
        values[_BY_KEY[key].field] = _read(_BY_KEY[key], value, f"{place}: {key}")
        origins[key] = place


def _flatten(tree: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """List keys as ``section.name``; a section that we do not know is named as a whole."""
    flat: list[tuple[str, Any]] = []
    for name, value in tree.items():
        if name in _SECTIONS and isinstance(value, dict):
            flat += [(f"{name}.{inner}", each) for inner, each in value.items()]
        else:
            flat.append((name, value))
    return flat


_NO_SETTINGS: Final = frozenset({"ANGARIUM_CONFIG", "ANGARIUM_PROFILE", "ANGARIUM_SEED"})
"""Variables of ours that set no key: where the file is, and how long and from which seed the tests run."""


def _take_environment(environ: Mapping[str, str], values: dict[str, Any], origins: dict[str, str]) -> None:
    """Take ``ANGARIUM_*``; a variable named nearly like a setting is a typo, and no start is better than a wrong one."""
    for name in sorted(environ):
        if name in _BY_VARIABLE:
            setting = _BY_VARIABLE[name]
            values[setting.field] = _read(setting, environ[name], name)
            origins[setting.key] = name
        elif _is_foreign(name) and (near := _nearest(name, 0.85)):
            raise ConfigError(f"unknown variable {name}; did you mean {near}?")


def unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Say of each ``ANGARIUM_*`` variable that is like none of ours that it does nothing, in one line.

    It is no error: Kubernetes sets ``ANGARIUM_PORT`` and the like for a service of that name.
    """
    return tuple(
        f"variable {name} sets nothing; the nearest that does is {_nearest(name, 0.0)}"
        for name in sorted(environ)
        if _is_foreign(name)
    )


def _is_foreign(name: str) -> bool:
    return name.startswith("ANGARIUM_") and name not in _BY_VARIABLE and name not in _NO_SETTINGS


def _nearest(name: str, likeness: float) -> str | None:
    """Find the variable with the same last words, else the one spelt most alike."""
    ending = name.removeprefix("ANGARIUM")
    named = [each for each in _BY_VARIABLE if each.endswith(ending)]
    return next(iter(named or get_close_matches(name, _BY_VARIABLE, n=1, cutoff=likeness)), None)


def _read(setting: Setting, value: Any, place: str) -> Any:
    try:
        return setting.read(value)
    except ValueError as error:
        raise ConfigError(f"{place}: {error}; expected: {setting.takes}") from error


def _suggestion(key: str) -> str:
    near = get_close_matches(key, _BY_KEY if "." in key else {*_SECTIONS, "data"}, n=1, cutoff=0.6)
    if not near:
        name = key.rpartition(".")[2]
        near = [each for each in _BY_KEY if each.rpartition(".")[2] == name][:1]
    return f"; did you mean {near[0]!r}?" if near else "; see docs/reference/configuration.md"


def _line_of(text: str, key: str) -> int:
    """Find the line of a key: in its section, or of the section's heading where the key stands otherwise."""
    section, _, name = key.rpartition(".")
    current, heading = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\s*\"?([^\]\"]+?)\"?\s*\]", line):
            current = match[1]
            if current == (section or name):
                heading = number
            continue
        here = name if current == section else None if current else key
        if here is not None and re.match(rf"\s*\"?{re.escape(here)}\"?\s*[=.]", line):
            return number
    return heading


def _origin(origins: Mapping[str, str], key: str) -> str:
    return origins.get(key, "defaults")
