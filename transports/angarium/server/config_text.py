"""The configuration as text: ``config show``, and the reference page.

``python -m angarium.server.config_text [--check]`` writes or checks ``docs/reference/configuration.md``.
"""

import sys
from pathlib import Path
from typing import Any

from angarium.server.config import Config
from angarium.server.config_settings import SETTINGS, Setting
from angarium.server.listeners import Address


def render(value: Any) -> str:
    """Write a setting's value as TOML."""
    if value is None:
        return '""'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(render, value)) + "]"
    if isinstance(value, str | Path | Address):
        escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    raise TypeError(f"no setting is a {type(value).__name__}")


def show(config: Config) -> str:
    """Write a configuration as a TOML file that ``load`` reads back, each key with where its value came from."""
    lines: list[str] = []
    section = ""
    for setting in SETTINGS:
        head, _, name = setting.key.rpartition(".")
        if head != section:
            lines += ["", f"[{head}]"]
            section = head
        origin = config.origins.get(setting.key, "default")
        lines.append(f"{name} = {render(getattr(config, setting.field))}  # {origin}")
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """Write the reference page."""
    rows = [_row(setting) for setting in SETTINGS]
    return _HEAD + "\n".join(rows) + _TAIL


def _row(setting: Setting) -> str:
    return f"| `{setting.key}` | {setting.takes} | `{render(setting.default)}` | {setting.doc} | `{setting.variable}` |"


_HEAD = """# Configuration

<!-- Written by `python -m angarium.server.config_text`; change `config_settings.py` instead. -->

One TOML file: `angarium serve --config FILE`, else the file that `ANGARIUM_CONFIG` names, else `/etc/angarium/angarium.toml`
or `/etc/angarium.toml` where there is one. No key is needed. Options of the command line come before environment variables,
those before the file. `angarium config check` says what is wrong and in which line; `angarium config show` prints every
setting and where it came from.

A key `listen.imap` is `imap` under the heading `[listen]`:

```toml
data = "/var/lib/angarium"

[listen]
imap = "*:143"
imaps = ["*:993"]
lmtp = "unix:/run/angarium/lmtp.sock"

[tls]
certificate = "/etc/ssl/mail.example.org.pem"
key = "/etc/ssl/private/mail.example.org.key"
```

`SIGHUP` makes a running server read the file and the certificates again: new connections get the new settings, old ones go
on as they are. A file with mistakes is reported in the log and changes nothing. `server.user` and `data` need a restart.

| Key | Value | Default | Meaning | Variable |
|---|---|---|---|---|
"""

_TAIL = """

## Secrets

No secret stands in the file. Private keys are files of their own; the password of a key is the first line of
`tls.key_password_file`. Users' passwords are kept as argon2id and SCRAM verifiers in `<data>/accounts.sqlite3`.
"""


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is up to date."""
    page = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"
    if "--check" in arguments:
        return 0 if page.exists() and page.read_text() == markdown() else 1
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
