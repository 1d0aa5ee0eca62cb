"""``angarium config``: whether the configuration is right, and what it says."""

import os
from argparse import Namespace

from angarium.server.cli.complaints import FINE, warn
from angarium.server.cli.output import print_json
from angarium.server.cli.place import load_config
from angarium.server.config import unknown_variables
from angarium.server.config_settings import SETTINGS
from angarium.server.config_text import show as as_toml


def check(chosen: Namespace) -> int:
    """Say that the configuration is right and that a server could start with it; what is wrong ends this with one line."""
    from angarium.server.rehearsal import rehearse

    config = load_config(chosen)
    warn_of_variables()
    rehearse(config)
    print(f"{config.source or 'defaults, no configuration file'}: fine")
    return FINE


def show(chosen: Namespace) -> int:
    """Print every setting, where it comes from and its value, as TOML or JSON."""
    config = load_config(chosen)
    warn_of_variables()
    if not chosen.json:
        print(as_toml(config), end="")
        return FINE
    values = {setting.key: _plain(getattr(config, setting.field)) for setting in SETTINGS}
    print_json({key: {"value": value, "origin": config.origins.get(key, "default")} for key, value in values.items()})
    return FINE


def warn_of_variables() -> None:
    """Say which ``ANGARIUM_*`` variables do nothing."""
    for line in unknown_variables(os.environ):
        warn(line)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value)
