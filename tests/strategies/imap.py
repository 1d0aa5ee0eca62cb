"""Hypothesis strategies for every value of the IMAP grammar: each value drawn can be sent, and read back equal."""

import re
from datetime import date, timedelta, timezone
from itertools import takewhile

from attrs import evolve
from hypothesis import strategies as st

from angarium.grammar.imap import commands, responses, search_keys
from angarium.grammar.imap.mailbox_name import canonical
from angarium.grammar.imap.responses import Code, Condition, ResponseCode
from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.sequence_set import STAR, NumberSet, PartialRange, SequenceSet, in_order
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm

ATOM_CHARS = b"!#$&'+,-./0123456789:;<=>?@ABCXYZ[^_`abcxyz|}~"


def several(elements, min_size=1, max_size=3):
    """Few elements in a tuple."""
    return st.lists(elements, min_size=min_size, max_size=max_size).map(tuple)


# Terminals

atoms = st.lists(st.sampled_from(ATOM_CHARS), min_size=1, max_size=8).map(bytes).filter(lambda atom: atom.upper() != b"NIL")
tags = atoms.filter(lambda atom: b"+" not in atom)
octets = st.one_of(atoms, st.binary(max_size=20), st.sampled_from([b"", b'"', b"\\", b"a b", b"NIL", b"\r\n", b"caf\xc3\xa9"]))
strings = octets.map(lambda each: each.replace(b"\0", b"0"))
nstrings = st.none() | strings
numbers = st.sampled_from([0, 1, 2, 4_294_967_295]) | st.integers(0, 2**32 - 1)
nz_numbers = st.sampled_from([1, 2, 4_294_967_295]) | st.integers(1, 2**32 - 1)
numbers64 = st.sampled_from([0, 1, 2**63 - 1]) | st.integers(0, 2**63 - 1)
nz_numbers64 = st.sampled_from([1, 2**63 - 1]) | st.integers(1, 2**63 - 1)
mailboxes = st.one_of(
    st.sampled_from(["INBOX", "inbox/a", "a b", "&", "a&b-", "Entwürfe", "台北/日本語", "😀", "", "NIL", "status", '"\\', "*%"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10),
).map(canonical)
ascii_mailboxes = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10).map(canonical)
seq_numbers = st.just(STAR) | nz_numbers
seq_ranges = st.one_of(seq_numbers.map(lambda number: (number, number)), st.tuples(seq_numbers, seq_numbers))
sequence_sets = st.one_of(several(seq_ranges).map(SequenceSet), st.just(SequenceSet(saved=True)))
uid_ranges = st.one_of(nz_numbers.map(lambda number: (number, number)), st.tuples(nz_numbers, nz_numbers))
uid_sets = several(uid_ranges).map(SequenceSet)
number_sets = st.lists(nz_numbers, min_size=1, max_size=4).map(NumberSet.from_numbers)
result_numbers = number_sets | several(uid_ranges).map(lambda ranges: in_order((min(each), max(each)) for each in ranges))
flags = st.sampled_from([rb"\Seen", rb"\Deleted", b"$Forwarded", rb"\x-y"]) | atoms
days = st.dates(min_value=date(1, 1, 1))
date_times = st.builds(
    lambda moment, minutes: moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes))),
    st.datetimes(),
    st.integers(-1439, 1439),
)
parts = several(nz_numbers)
sections = st.one_of(
    st.just(Section()),
    parts.map(Section),
    st.builds(Section, st.just(()) | parts, st.sampled_from([SectionText.HEADER, SectionText.TEXT])),
    st.builds(Section, parts, st.just(SectionText.MIME)),
    st.builds(
        Section,
        st.just(()) | parts,
        st.sampled_from([SectionText.HEADER_FIELDS, SectionText.HEADER_FIELDS_NOT]),
        several(strings),
    ),
)
partials = st.builds(Partial, numbers64, nz_numbers64)
partial_ranges = st.builds(
    lambda first, last, sign: PartialRange(sign * first, sign * last), nz_numbers, nz_numbers, st.sampled_from([1, -1])
)
id_parameters = st.none() | several(st.tuples(strings, nstrings), min_size=0)

object_ids = st.from_regex(rb"[A-Za-z0-9_-]{1,255}", fullmatch=True)

# Search keys (RFC 9051 §6.4.4)

keywords = atoms
_simple_keys = st.one_of(
    st.just(search_keys.All()),
    st.builds(
        search_keys.HasFlag, st.sampled_from([rb"\Answered", rb"\Deleted", rb"\Draft", rb"\Flagged", rb"\Recent", rb"\Seen"])
    ),
    st.builds(search_keys.HasFlag, keywords),
    st.builds(search_keys.HeaderContains, st.sampled_from([b"BCC", b"CC", b"FROM", b"SUBJECT", b"TO"]) | strings, strings),
    st.builds(search_keys.BodyContains, strings),
    st.builds(search_keys.TextContains, strings),
    st.builds(search_keys.DateIs, st.sampled_from(search_keys.DateField), st.sampled_from(search_keys.DateTest), days),
    st.builds(search_keys.Larger, numbers64),
    st.builds(search_keys.Smaller, numbers64),
    st.builds(search_keys.SequenceIs, sequence_sets),
    st.builds(search_keys.UidIs, sequence_sets),
    st.builds(search_keys.ModSequenceSince, numbers64),
    st.builds(search_keys.EmailIdIs, object_ids),
    st.builds(search_keys.ThreadIdIs, object_ids),
    st.builds(search_keys.SaveDateSupported),
    st.builds(search_keys.Older, nz_numbers),
    st.builds(search_keys.Younger, nz_numbers),
    st.builds(
        search_keys.ModSequenceSince,
        numbers64,
        st.sampled_from([rb"/flags/\seen", b"/flags/$x"]),
        st.sampled_from([b"priv", b"shared", b"all"]),
    ),
)
keys = st.recursive(
    _simple_keys,
    lambda inner: st.one_of(
        st.builds(search_keys.Not, inner),
        st.builds(search_keys.Or, inner, inner),
        several(inner, min_size=2).map(search_keys.And),
    ),
    max_leaves=6,
)

# Commands (RFC 9051 §6)

charsets = atoms | st.sampled_from([b"UTF-8", b"a b", b'"', b"x]", b"", b"NIL"])

selects = st.builds(
    commands.Select,
    mailboxes,
    st.booleans(),
    st.booleans(),
    st.none()
    | st.builds(commands.Qresync, nz_numbers, nz_numbers64, st.none() | uid_sets, st.none() | st.tuples(uid_sets, uid_sets)),
)
status_items = several(st.sampled_from(commands.StatusItem))
list_selects = st.frozensets(st.sampled_from(commands.ListSelect)).map(
    lambda chosen: chosen | {commands.ListSelect.SUBSCRIBED} if commands.ListSelect.RECURSIVEMATCH in chosen else chosen
)


@st.composite
def lists(draw):
    """LIST in the forms that RFC 5258 §3 tells apart."""
    patterns = draw(several(mailboxes))
    select = draw(list_selects)
    returns = draw(st.frozensets(st.sampled_from(commands.ListReturn)))
    status = draw(st.none() | status_items)
    extended = bool(len(patterns) > 1 or select or returns or status is not None or draw(st.booleans()))
    return commands.List(draw(mailboxes), patterns, select, returns, status, extended)


fetch_attributes = st.one_of(
    st.sampled_from(commands.FetchItem),
    st.builds(commands.FetchBody, sections, st.none() | partials, st.booleans()),
    st.builds(commands.FetchBinary, st.just(()) | parts, st.none() | partials, st.booleans()),
    st.builds(commands.FetchBinarySize, st.just(()) | parts),
)
return_options = st.none() | st.frozensets(st.sampled_from(commands.SearchReturn))


def returning(command, returns, partial):
    """The command with RETURN; PARTIAL does not stand beside ALL (RFC 9394 §3.1)."""
    if returns is None or partial is None:
        return evolve(command, returns=returns)
    return evolve(command, returns=returns - {commands.SearchReturn.ALL}, partial=partial)


append_messages = st.builds(commands.AppendMessage, octets, several(flags, min_size=0), st.none() | date_times, st.booleans())
catenations = several(octets | strings.map(commands.Url)).map(commands.Catenation)
append_messages |= st.builds(commands.AppendMessage, catenations, several(flags, min_size=0), st.none() | date_times)
single_numbers = (nz_numbers | st.just(STAR)).map(lambda number: SequenceSet(((number, number),)))
command_values = {
    commands.Capability: st.builds(commands.Capability),
    commands.Noop: st.builds(commands.Noop),
    commands.Logout: st.builds(commands.Logout),
    commands.Id: st.builds(commands.Id, id_parameters),
    commands.StartTls: st.builds(commands.StartTls),
    commands.Authenticate: st.builds(commands.Authenticate, atoms, st.none() | st.binary(max_size=20)),
    commands.Login: st.builds(commands.Login, strings, strings),
    commands.Enable: st.builds(commands.Enable, several(atoms)),
    commands.Select: selects,
    commands.Create: st.builds(
        commands.Create, mailboxes, st.none() | st.lists(st.sampled_from([rb"\Sent", rb"\All", rb"\x-y"]), unique=True).map(tuple)
    ),
    commands.Delete: st.builds(commands.Delete, mailboxes),
    commands.Rename: st.builds(commands.Rename, mailboxes, mailboxes),
    commands.Subscribe: st.builds(commands.Subscribe, mailboxes),
    commands.Unsubscribe: st.builds(commands.Unsubscribe, mailboxes),
    commands.List: lists(),
    commands.Lsub: st.builds(commands.Lsub, mailboxes, mailboxes),
    commands.SetAcl: st.builds(commands.SetAcl, mailboxes, strings, strings),
    commands.DeleteAcl: st.builds(commands.DeleteAcl, mailboxes, strings),
    commands.GetAcl: st.builds(commands.GetAcl, mailboxes),
    commands.ListRights: st.builds(commands.ListRights, mailboxes, strings),
    commands.MyRights: st.builds(commands.MyRights, mailboxes),
    commands.Namespace: st.builds(commands.Namespace),
    commands.Status: st.builds(commands.Status, mailboxes, status_items),
    commands.Append: st.builds(
        commands.Append,
        mailboxes,
        octets,
        several(flags, min_size=0),
        st.none() | date_times,
        st.booleans(),
        several(append_messages, min_size=0),
    ),
    commands.Idle: st.builds(commands.Idle),
    commands.Compress: st.builds(commands.Compress),
    commands.Unauthenticate: st.builds(commands.Unauthenticate),
    commands.Check: st.builds(commands.Check),
    commands.Close: st.builds(commands.Close),
    commands.Unselect: st.builds(commands.Unselect),
    commands.Expunge: st.builds(commands.Expunge, st.none() | sequence_sets),
    commands.Search: st.builds(
        returning,
        st.builds(commands.Search, keys, st.none() | st.sampled_from([b"UTF-8", b"US-ASCII"]), uid=st.booleans()),
        return_options,
        st.none() | partial_ranges,
    ),
    commands.Sort: st.builds(
        returning,
        st.builds(
            commands.Sort,
            several(st.builds(SortCriterion, st.sampled_from(SortKey), st.booleans())),
            keys,
            charsets,
            st.booleans(),
        ),
        return_options,
        st.none() | partial_ranges,
    ),
    commands.Thread: st.builds(commands.Thread, st.sampled_from(ThreadAlgorithm), keys, charsets, st.booleans()),
    commands.CancelUpdate: st.builds(commands.CancelUpdate, several(tags)),
    commands.Fetch: st.builds(
        commands.Fetch,
        sequence_sets,
        several(fetch_attributes),
        st.booleans(),
        st.none() | nz_numbers64,
        st.booleans(),
        st.none() | partial_ranges,
    ),
    commands.Store: st.builds(
        commands.Store,
        sequence_sets,
        st.sampled_from(commands.StoreMode),
        several(flags, min_size=0),
        st.booleans(),
        st.booleans(),
        st.none() | numbers64,
    ),
    commands.Copy: st.builds(commands.Copy, sequence_sets, mailboxes, st.booleans()),
    commands.Move: st.builds(commands.Move, sequence_sets, mailboxes, st.booleans()),
    commands.Replace: st.builds(commands.Replace, single_numbers, mailboxes, append_messages, st.booleans()),
}
"""A strategy for each command value."""

tagged_commands = st.builds(commands.TaggedCommand, tags, st.one_of(*command_values.values()))

# Responses (RFC 9051 §7)

texts = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=20) | st.sampled_from(["done", "a b"])
).filter(lambda text: not text.startswith("["))


def _looks_like_base64(text):
    return bool(re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text))


_BARE_CODES = [
    code
    for code in Code
    if code.value
    not in (
        b"APPENDUID BADCHARSET CAPABILITY COPYUID HIGHESTMODSEQ MAILBOXID MODIFIED PERMANENTFLAGS UIDNEXT UIDVALIDITY UNSEEN"
    ).split()
]
codes = st.one_of(
    st.builds(ResponseCode, st.sampled_from(_BARE_CODES)),
    st.builds(ResponseCode, st.sampled_from([Code.UIDNEXT, Code.UIDVALIDITY, Code.UNSEEN]), st.tuples(nz_numbers)),
    st.builds(ResponseCode, st.just(Code.HIGHESTMODSEQ), st.tuples(nz_numbers64)),
    st.builds(ResponseCode, st.just(Code.APPENDUID), st.tuples(nz_numbers, number_sets)),
    st.builds(ResponseCode, st.just(Code.COPYUID), st.tuples(nz_numbers, several(uid_ranges), several(uid_ranges))),
    st.builds(ResponseCode, st.just(Code.MODIFIED), st.tuples(number_sets)),
    st.builds(ResponseCode, st.just(Code.MAILBOXID), st.tuples(object_ids)),
    st.builds(ResponseCode, st.just(Code.NOUPDATE), st.tuples(tags)),
    st.builds(ResponseCode, st.just(Code.INPROGRESS), st.just(()) | st.tuples(st.none() | tags, st.none(), st.none())),
    st.builds(ResponseCode, st.just(Code.INPROGRESS), st.tuples(st.none() | tags, st.integers(0, 99), st.none() | st.just(100))),
    st.builds(ResponseCode, st.just(Code.PERMANENTFLAGS), several(flags | st.just(rb"\*"), min_size=0)),
    st.builds(ResponseCode, st.just(Code.BADCHARSET), several(st.sampled_from([b"UTF-8", b"odd ]one"]), min_size=0)),
    st.builds(ResponseCode, st.just(Code.CAPABILITY), several(atoms)),
    st.builds(ResponseCode, st.sampled_from([b"X-BAR", b"X-FOO"]), st.just(()) | st.tuples(atoms)),
)
optional_codes = st.none() | codes
_STATE = [Condition.OK, Condition.NO, Condition.BAD]

separators = st.none() | st.sampled_from(["/", ".", "\\", '"'])
addresses = st.none() | several(st.builds(responses.Address, nstrings, nstrings, nstrings, nstrings))
envelopes = st.builds(
    responses.Envelope,
    nstrings, nstrings, addresses, addresses, addresses, addresses, addresses, addresses, nstrings, nstrings,
)  # fmt: skip
parameters = st.none() | several(st.tuples(strings, strings))
future_extensions = st.recursive(nstrings | numbers64, lambda inner: several(inner), max_leaves=4)


@st.composite
def body_extensions(draw, multipart):
    """Extension fields from the first on: what is not given is None."""
    given = draw(st.integers(1, 4))
    return responses.BodyExtensions(
        None if multipart else draw(nstrings),
        draw(parameters) if multipart else None,
        draw(st.none() | st.tuples(strings, parameters)) if given > 1 else None,
        draw(nstrings | several(strings)) if given > 2 else None,
        draw(nstrings) if given > 3 else None,
        draw(several(future_extensions, min_size=0)) if given > 3 else (),
        given,
    )


def _is_special(kind, subtype):
    return kind.upper() == b"TEXT" or (kind.upper() == b"MESSAGE" and subtype.upper() in (b"RFC822", b"GLOBAL"))


@st.composite
def basic_parts(draw, extensible):
    """A part that is neither text nor a message."""
    kind, subtype = draw(
        st.tuples(st.sampled_from([b"IMAGE", b"APPLICATION"]) | strings, strings).filter(lambda names: not _is_special(*names))
    )
    return responses.SinglePart(kind, subtype, *draw(_fields), extensions=draw(_extensions_or_none(extensible, False)))


_fields = st.tuples(parameters, nstrings, nstrings, strings, numbers)


def _extensions_or_none(extensible, multipart):
    return st.none() | body_extensions(multipart) if extensible else st.none()


@st.composite
def text_parts(draw, extensible):
    """A text part, which has lines."""
    return responses.SinglePart(
        draw(st.sampled_from([b"TEXT", b"text"])),
        draw(strings),
        *draw(_fields),
        lines=draw(numbers64),
        extensions=draw(_extensions_or_none(extensible, False)),
    )


@st.composite
def messages(draw, inner, extensible):
    """A message within a message."""
    return responses.SinglePart(
        b"MESSAGE",
        draw(st.sampled_from([b"RFC822", b"GLOBAL"])),
        *draw(_fields),
        draw(envelopes),
        draw(inner),
        draw(numbers64),
        draw(_extensions_or_none(extensible, False)),
    )


def bodies(extensible):
    """Body structures; those of BODY have no extension fields."""
    return st.recursive(
        basic_parts(extensible) | text_parts(extensible),
        lambda inner: st.one_of(
            messages(inner, extensible),
            st.builds(responses.MultiPart, several(inner), strings, _extensions_or_none(extensible, True)),
        ),
        max_leaves=4,
    )


fetch_data = st.one_of(
    st.builds(responses.Uid, nz_numbers),
    st.builds(responses.Flags, several(flags | st.just(rb"\Recent"), min_size=0)),
    st.builds(responses.InternalDate, date_times),
    st.builds(responses.Size, numbers64),
    st.builds(responses.ModSequence, nz_numbers64),
    st.builds(responses.EmailId, object_ids),
    st.builds(responses.ThreadId, st.none() | object_ids),
    st.builds(responses.SaveDate, st.none() | date_times),
    st.builds(responses.Preview, nstrings),
    st.builds(responses.EnvelopeItem, envelopes),
    st.builds(responses.BodyItem, bodies(False), st.just(False)),
    st.builds(responses.BodyItem, bodies(True), st.just(True)),
    st.builds(responses.BodySection, sections, nstrings, st.none() | numbers),
    st.builds(responses.Rfc822, st.sampled_from(responses.Rfc822Item), nstrings),
    st.builds(responses.BinarySection, st.just(()) | parts, st.none() | octets, st.none() | numbers),
    st.builds(responses.BinarySize, st.just(()) | parts, numbers),
)
namespaces = st.none() | several(st.builds(responses.NamespaceDescription, mailboxes, separators))
counted_items = st.sampled_from([item for item in commands.StatusItem if item is not commands.StatusItem.MAILBOXID])
status_values = several(
    st.tuples(counted_items, numbers64)
    | st.tuples(st.just(commands.StatusItem.MAILBOXID), object_ids)
    | st.just((commands.StatusItem.APPENDLIMIT, None)),
    min_size=0,
)


@st.composite
def search_data(draw, kind):
    """SEARCH and SORT; a mod-sequence comes only with numbers."""
    found = draw(several(nz_numbers, min_size=0))
    return kind(found, draw(st.none() | nz_numbers64) if found else None)


@st.composite
def threads(draw):
    """Members of threads; a parent that is not there begins one and has several children, else nobody would know of it."""
    depths = [0] if draw(st.booleans()) else []
    while depths and draw(st.integers(0, 4)):
        depths.append(draw(st.integers(0, depths[-1] + 1)))
    members = []
    for place, depth in enumerate(depths):
        below = takewhile(lambda other, depth=depth: other > depth, depths[place + 1 :])
        lost = depth == 0 and sum(other == 1 for other in below) > 1 and draw(st.booleans())
        members.append((depth, None if lost else draw(nz_numbers)))
    return tuple(members)


response_values = {
    responses.Tagged: st.builds(responses.Tagged, tags, st.sampled_from(_STATE), texts, optional_codes),
    responses.Untagged: st.builds(responses.Untagged, st.sampled_from(Condition), texts, optional_codes),
    responses.Continuation: st.one_of(
        st.builds(responses.Continuation, texts.filter(lambda text: not _looks_like_base64(text)), optional_codes),
        st.builds(responses.Continuation, challenge=st.binary(max_size=20)),
    ),
    responses.CapabilityData: st.builds(responses.CapabilityData, several(atoms)),
    responses.Enabled: st.builds(responses.Enabled, several(atoms, min_size=0)),
    responses.IdData: st.builds(responses.IdData, id_parameters),
    responses.ListData: st.builds(
        responses.ListData,
        several(st.sampled_from([rb"\Noselect", rb"\HasChildren", rb"\Sent"]), min_size=0),
        separators,
        mailboxes,
        st.none() | st.just((b"SUBSCRIBED",)),
        st.none() | mailboxes,
        st.booleans(),
    ),
    responses.NamespaceData: st.builds(responses.NamespaceData, namespaces, namespaces, namespaces),
    responses.StatusData: st.builds(responses.StatusData, mailboxes, status_values),
    responses.FlagsData: st.builds(responses.FlagsData, several(flags, min_size=0)),
    responses.AclData: st.builds(responses.AclData, mailboxes, several(st.tuples(strings, strings), min_size=0)),
    responses.ListRightsData: st.builds(responses.ListRightsData, mailboxes, strings, strings, several(strings, min_size=0)),
    responses.MyRightsData: st.builds(responses.MyRightsData, mailboxes, strings),
    responses.Exists: st.builds(responses.Exists, numbers),
    responses.Recent: st.builds(responses.Recent, numbers),
    responses.Expunged: st.builds(responses.Expunged, nz_numbers),
    responses.Vanished: st.builds(responses.Vanished, number_sets, st.booleans()),
    responses.SearchData: search_data(responses.SearchData),
    responses.SortData: search_data(responses.SortData),
    responses.ThreadData: st.builds(responses.ThreadData, threads()),
    responses.EsearchData: st.builds(
        responses.EsearchData,
        st.none() | tags,
        st.booleans(),
        st.none() | nz_numbers,
        st.none() | nz_numbers,
        st.none() | result_numbers,
        st.none() | numbers,
        st.none() | nz_numbers64,
        st.none() | st.builds(responses.PartialResults, partial_ranges, st.none() | result_numbers),
        several(st.builds(responses.ResultUpdate, st.booleans(), numbers, result_numbers), min_size=0),
    ),
    responses.FetchData: st.builds(responses.FetchData, nz_numbers, several(fetch_data)),
    responses.UidFetchData: st.builds(responses.UidFetchData, nz_numbers, several(fetch_data)),
}
"""A strategy for each response value."""

any_response = st.one_of(*response_values.values())
