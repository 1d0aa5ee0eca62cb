"""Both directions: RFC sentences to our parser, our sentences to the RFCs' grammar; and the differences that are known."""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.grammar_files import command_parser, response_parser
from angarium.grammar.imap.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.imap.parse_response import ResponseSyntaxError, parse_response
from sampling import abnf_grammar
from sampling.draw import FromAbnf, FromLark

COMMANDS = [
    "append",
    "authenticate",
    "command-any",
    "command-nonauth",
    "command-select",
    "compress",
    "copy",
    "create",
    "delete",
    "deleteacl",
    "enable",
    "examine",
    "fetch",
    "getacl",
    "id",
    "idle",
    "list",
    "listrights",
    "login",
    "lsub",
    "move",
    "myrights",
    "namespace-command",
    "rename",
    "replace",
    "search",
    "select",
    "setacl",
    "sort",
    "status",
    "store",
    "subscribe",
    "thread",
    "uid",
    "unsubscribe",
]
IN_COMMANDS = {  # rules that extensions add to, and a command around them
    "append-data": "APPEND x {}",
    "create-param": "CREATE x ({})",
    "fetch-att": "FETCH 1 {}",
    "fetch-modifier": "FETCH 1 FLAGS ({})",
    "list-select-opts": 'LIST {} "" x',
    "return-option": 'LIST "" x RETURN ({})',
    "search-key": "SEARCH {}",
    "search-return-opt": "SEARCH RETURN ({}) ALL",
    "select-param": "SELECT x ({})",
    "sequence-set": "COPY {} x",
    "sort-key": "SORT ({}) UTF-8 ALL",
    "status-att": "STATUS x ({})",
    "store-modifier": "STORE 1 ({}) FLAGS ()",
}
RESPONSES = {
    "acl-data": "* {}",
    "capability-data": "* {}",
    "continue-req": "{}",
    "enable-data": "* {}",
    "greeting": "{}",
    "id-response": "* {}",
    "listrights-data": "* {}",
    "myrights-data": "* {}",
    "mailbox-data": "* {}",
    "message-data": "* {}",
    "resp-cond-bye": "* {}",
    "resp-cond-state": "* {}",
    "response-tagged": "{}",
    "mbox-list-extended-item": "* LIST () NIL x ({})",
    "mbx-list-oflag": "* LIST ({}) NIL x",
    "msg-att-dynamic": "* 1 FETCH ({})",
    "msg-att-static": "* 1 FETCH ({})",
    "resp-text-code": "* OK [{}] x",
    "sort-data": "* {}",
    "thread-data": "* {}",
    "search-return-data": "* ESEARCH {}",
    "status-att-val": "* STATUS x ({})",
}
LARK_COMMANDS = tuple(name.replace("-", "_") for name in COMMANDS)
LARK_RESPONSES = (
    "acl_data",
    "capability_data",
    "continue_req",
    "enable_data",
    "esearch_response",
    "exists",
    "expunge_data",
    "expunged_resp",
    "fetch_data",
    "flags_data",
    "id_response",
    "list_data",
    "listrights_data",
    "lsub_data",
    "myrights_data",
    "namespace_response",
    "recent",
    "response_tagged",
    "search_data",
    "sort_data",
    "status_data",
    "thread_data",
    "uidfetch_resp",
    "untagged_condition",
)


@dataclass
class Row:
    """One line of the table."""

    rule: str
    drawn: int = 0
    accepted: int = 0
    known: Counter = field(default_factory=Counter)
    unknown: list = field(default_factory=list)


@dataclass(frozen=True)
class Difference:
    """A row of ``differences.toml``: sentences that one side takes and the other does not, and why."""

    name: str
    accepted_by: str
    kind: str
    pattern: str
    example: str
    why: str


@cache
def known_differences():
    """Every row of ``differences.toml``."""
    text = (Path(__file__).parent / "differences.toml").read_text("utf-8")
    return [Difference(name, **row) for name, row in tomllib.loads(text).items()]


def frames_of(octets):
    framer = Framer(1_000_000, 1_000_000, 10_000, 1_000_000)
    framer.feed(octets)
    frames = []
    while (event := framer.next()) is not None:
        if isinstance(event, LiteralWanted):
            framer.accept_literal(stream=False)
        else:
            frames.append(event)
    return frames, framer.pending


def lark_accepts(sentence):
    """Whether our parser takes the sentence; lines behind the first are AUTHENTICATE's and IDLE's."""
    frames, pending = frames_of(sentence.encode("latin-1"))
    frame = frames[0] if frames else Frame(b"")
    try:
        if re.match(r"[*+] |[^ ]+ (?:OK|NO|BAD) ", sentence, re.IGNORECASE):
            parse_response(frame, utf8=True)
            return len(frames) == 1 and not pending
        parse_command(frame, utf8=True)
    except (CommandSyntaxError, ResponseSyntaxError):
        return False
    more = re.match(r"[^ ]+ (?:IDLE|AUTHENTICATE)", sentence, re.IGNORECASE)
    return not pending and (len(frames) == 1 or bool(more))


def abnf_accepts(sentence):
    """Whether the RFCs' grammar takes the sentence."""
    sentence = without_contents(sentence)
    if sentence.startswith("+"):
        rules = ["continue-req"]
    elif sentence.startswith("*"):
        rules = ["response-data", "greeting"]
    elif re.match(r"[^ ]+ (?:OK|NO|BAD) ", sentence, re.IGNORECASE):
        rules = ["response-tagged"]
    else:
        rules = ["command"]
    if sentence.lower().endswith(" idle\r\n"):
        sentence += "DONE\r\n"  # RFC 9051 §9 has the end of IDLE in the command
    if sentence.lower().startswith("* id "):
        sentence = sentence.removesuffix("\r\n")  # RFC 2971 §4 has forgotten it
    return any(abnf_grammar.accepts(rule, sentence) for rule in rules)


def without_contents(sentence):
    """The sentence with the announcements of literals alone."""
    frames, _ = frames_of(sentence.encode("latin-1"))
    return "".join(frame.octets.decode("latin-1") + "\r\n" for frame in frames)


def classify(row, sentence, accepted, side):
    """Count one sentence that ``side`` has drawn."""
    row.drawn += 1
    if accepted:
        row.accepted += 1
        return
    difference = classify_as(sentence, side)
    if difference:
        row.known[difference.name] += 1
    else:
        row.unknown.append(sentence)


def classify_as(sentence, side):
    """The known difference that explains why only ``side`` takes the sentence."""
    sentence = without_contents(sentence)
    for difference in known_differences():
        if difference.accepted_by == side and re.search(difference.pattern, sentence, re.IGNORECASE | re.DOTALL):
            return difference
    return None


def rules_to_draw(number):
    """The rules of an RFC that a whole sentence can be made of."""
    return [rule for rule in abnf_grammar.rules_in(number) if rule in COMMANDS or rule in IN_COMMANDS or rule in RESPONSES]


def abnf_to_lark(number, rule, samples, seed=0):
    """Sentences of one RFC's rule, given to our parser."""
    draw = FromAbnf({**abnf_grammar.union(), **abnf_grammar.rules_in(number)}, Random(f"{seed} {number} {rule}"))
    row = Row(f"RFC {number} {rule}")
    template = RESPONSES.get(rule) or "a " + IN_COMMANDS.get(rule, "{}")
    for _ in range(samples):
        sentence = template.replace("{}", draw.sentence(rule))
        sentence = (
            sentence
            if sentence.endswith("\r\n") and rule in ("greeting", "continue-req", "response-tagged")
            else sentence + "\r\n"
        )
        classify(row, sentence, lark_accepts(sentence), "abnf")
    return row


def lark_to_abnf(rule, samples, seed=0):
    """Sentences of one of our rules, given to the RFCs' grammar."""
    lark = response_parser() if rule in LARK_RESPONSES else command_parser()
    draw = FromLark(lark, Random(f"{seed} {rule}"))
    row = Row(rule)
    start = "a {}\r\n" if rule in LARK_COMMANDS else "{}\r\n" if rule in ("continue_req", "response_tagged") else "* {}\r\n"
    tries = 0
    while row.drawn < samples and tries < 20 * samples:
        tries += 1
        sentence = start.replace("{}", draw.sentence(rule))
        if lark_accepts(sentence):
            classify(row, sentence, abnf_accepts(sentence), "lark")
    return row
