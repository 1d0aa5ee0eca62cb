"""``sharing.owner`` and ``sharing.groups``."""

from pathlib import Path

import pytest

from angarium.engine.steps import Peer
from angarium.server.config import Config, ConfigError, load
from angarium.server.config_text import show
from angarium.server.worker import protocols


def test_groups_are_read_and_shown(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[sharing]\nowner = "Common"\ngroups = ["staff: Ann bob", "empty:"]\n')
    config = load(file, {})
    assert config.groups == {"staff": frozenset({"ann", "bob"}), "empty": frozenset()}
    again = tmp_path / "b.toml"
    again.write_text(show(config))
    assert load(again, {}).groups == config.groups
    engine = protocols(config)["imap"].engine(Peer("x"))
    assert engine.session.namespaces.shared_owner == "common"


def test_nobody_is_in_a_group_by_default() -> None:
    assert Config().groups == {}


@pytest.mark.parametrize("group", ["staff", ":ann", "a b: ann", "staff: ann:bob"])
def test_what_is_no_group_is_refused(tmp_path: Path, group: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(f'[sharing]\ngroups = ["{group}"]\n')
    with pytest.raises(ConfigError, match="is not a group such as"):
        load(file, {})
