"""Where the mail of a user lies: ``users/<xx>/<name>/`` with ``xx`` from a hash, so that no folder grows too long."""

from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from angarium.engine.operations import UserName

_NAME_OCTETS_MAX: Final = 200
DATABASE: Final = "mail.sqlite3"
SEARCH_INDEX: Final = "search.sqlite3"
BLOBS: Final = "blobs"


def encode_name(user: str) -> str:
    """Spell a user name as one file name: percent-encoded UTF-8, no leading dot; too long ones end in their hash."""
    encoded = quote(user, safe="@+")
    if encoded.startswith(".") or not encoded:
        encoded = "%2E" + encoded[1:]
    if len(encoded) > _NAME_OCTETS_MAX:
        encoded = f"{encoded[:120]}={sha256(user.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return encoded


def user_folder(folder: Path, user: str) -> Path:
    """Name the folder of a user's mail."""
    digest = sha256(user.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / "users" / digest[:2] / encode_name(user)


def users_with_mail(folder: Path) -> list[UserName]:
    """Find the users that have mail, sorted; names too long to be spelled in a file name are left out."""
    found = (home.name for home in (folder / "users").glob("*/*") if (home / DATABASE).exists() or is_bereft(home))
    return sorted(UserName(unquote(name)) for name in found if "=" not in name)


def is_bereft(home: Path) -> bool:
    """Say whether a user's folder has lost its database: what is only made after it is there (drafts of blobs may be before)."""
    if (home / DATABASE).exists():
        return False
    return (home / SEARCH_INDEX).exists() or any((home / BLOBS).glob("[0-9a-f][0-9a-f]"))
