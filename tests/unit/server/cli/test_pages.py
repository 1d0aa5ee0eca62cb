"""The pages for people: links lead somewhere, and the commands in them exist."""

import re
import shlex
from pathlib import Path

import pytest

from angarium.server.cli.parser import build_parser

CHECKOUT = Path(__file__).parents[4]
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^ {4,}(?:\$ |[^\n]*\| )?(?:runuser -u \w+ -- )?(angarium [^\n]*?)(?: {3,}[^\n]*)?$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/how-to/*.md"))], ids=lambda page: page.name)
def test_commands_are_right(page: Path) -> None:
    parser = build_parser()
    for command in COMMAND.findall(page.read_text("utf-8")):
        chosen = parser.parse_args(shlex.split(command)[1:])
        assert chosen.command is not None, command
