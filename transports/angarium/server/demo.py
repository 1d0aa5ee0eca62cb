"""``angarium serve --demo``: a server to look at, with a user, sample mail and a self-signed certificate, on high ports."""

import secrets
import tempfile
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from attrs import evolve

from angarium.engine.operations import AppendMessages, FetchStatus, NewMessage, UserName
from angarium.grammar.imap.commands import StatusItem
from angarium.server.config import Config
from angarium.server.listeners import Address
from angarium.server.plan import prepare_folders
from angarium.server.serve import complaints_as_exit_code, serve
from angarium.store.sqlite.store import SqliteStore

USER: Final = "demo"
HOST: Final = "127.0.0.1"
IMAP_PORT: Final = 1143
IMAPS_PORT: Final = 1993
LMTP_PORT: Final = 1024


def demo(config: Config) -> int:
    """Serve ``config`` with what a demonstration needs; in a temporary folder, gone afterwards, unless ``data`` was given."""
    with ExitStack() as stack:
        if "data" not in config.origins:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="angarium-demo-", ignore_cleanup_errors=True))
            config = evolve(config, data=Path(folder))
        config = evolve(
            config,
            imap=config.imap or (Address(HOST, IMAP_PORT),),
            imaps=config.imaps or (Address(HOST, IMAPS_PORT),),
            lmtp=config.lmtp or (Address(HOST, LMTP_PORT),),
            log_level=config.log_level if "log.level" in config.origins else "warning",
        )
        password = secrets.token_urlsafe(9)
        return complaints_as_exit_code(lambda: _prepare(config, password)) or serve(
            config, when_ready=lambda: print(f"demo: user {USER}, password {password}, mail in {config.data}", flush=True)
        )


def _prepare(config: Config, password: str) -> None:
    """Make the user, with a new password each time, and the sample mail unless INBOX has some already."""
    prepare_folders(config)
    with closing(SqliteStore(config.data, upkeep=False)) as store:
        if store.accounts.exists(USER):
            store.accounts.set_password(USER, password)
        else:
            store.accounts.add(USER, password)
        user = UserName(USER)
        (status,) = store.execute(FetchStatus(user, ("INBOX",), frozenset({StatusItem.MESSAGES})))
        if status is None or status.values[StatusItem.MESSAGES] == 0:
            store.execute(AppendMessages(user, "INBOX", sample_messages(datetime.now(UTC))))


def sample_messages(now: datetime) -> tuple[NewMessage, ...]:
    """Make a few messages of different kinds, the last one sent just before ``now``."""
    made = (_welcome(), _alternatives(), _with_attachment(), _encoded(), *_thread())
    messages = []
    for age, message in zip(range(len(made), 0, -1), made, strict=True):
        sent = now - timedelta(hours=age)
        message["Date"] = format_datetime(sent)
        if "Message-ID" not in message:
            message["Message-ID"] = f"<sample-{age}@angarium.example>"
        messages.append(NewMessage(message.as_bytes(policy=SMTP), internal_date=sent))
    return tuple(messages)


def _message(sender: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, "Demo <demo@angarium.example>", subject
    message.set_content(text)
    return message


def _welcome() -> EmailMessage:
    return _message(
        "Angarium <post@angarium.example>",
        "Welcome to Angarium",
        "This is a message in your INBOX. Reply to it, flag it, move it.\n",
    )


def _alternatives() -> EmailMessage:
    message = _message("Atossa <atossa@susa.example>", "Two ways to read this", "Plain text for those who like it plain.\n")
    message.add_alternative("<p>And <b>HTML</b> for those who do not.</p>\n", subtype="html")
    return message


def _with_attachment() -> EmailMessage:
    message = _message("Histiaeus <histiaeus@miletus.example>", "The road in numbers", "Stations and days are in the table.\n")
    message.add_attachment("station,day\nSusa,1\nArbela,14\nSardis,90\n", subtype="csv", filename="royal-road.csv")
    return message


def _encoded() -> EmailMessage:
    return _message("Jürgen Größe <juergen@bücher.example>", "Grüße aus Köln – 你好", "Umlaute, Zeichen, alles da: äöü ß 你好\n")


def _thread() -> list[EmailMessage]:
    """Make a question and its answer, tied by References."""
    question = _message("Xerxes <xerxes@persepolis.example>", "Bridge over the strait", "How long until it stands?\n")
    question["Message-ID"] = "<bridge@persepolis.example>"
    answer = _message("Harpalus <harpalus@abydos.example>", "Re: Bridge over the strait", "Two weeks, if the weather holds.\n")
    answer["In-Reply-To"] = answer["References"] = "<bridge@persepolis.example>"
    return [question, answer]
