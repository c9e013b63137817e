"""Timeline of a pack as a page for people, in Indonesian and in English: its lines, and its HTML. No I/O but the format's files.

The page is made from the leaves alone, by the words and the template that stand in `format_2`, so whoever holds a pack makes
it again and compares. Those files are frozen: another word or template is another format, but words for new acts may be
added. The PDF of the same lines is left to `timeline_pdf`. What is shown of the logs (size, root, time) their parts state.
"""

import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audit.packs.timeline import Entry, documents

Language = Literal["id", "en"]
LANGUAGES: Sequence[Language] = ("id", "en")
FORMAT = Path(__file__).with_name("format_2")

_WIB = timezone(timedelta(hours=7), "WIB")
_LAST_IN_WIB = datetime.max.replace(tzinfo=_WIB)
_EVENT_HEAD = ("time", "what", "who", "facts", "proof")
_LOG_HEAD = ("party", "size", "root", "as_of", "leaves")


@dataclass(frozen=True, slots=True)
class Log:
    """A log as its part states it; `as_of` (UTC) is when its checkpoint was signed."""

    party: str
    size: int
    root: str
    as_of: datetime
    leaves: int


@dataclass(frozen=True, slots=True)
class Heading:
    """The subject of a pack: a case, matters, or a range of entries (`first` up to, without, `end`)."""

    maker: str
    case_id: str
    matters: Sequence[str]
    range: tuple[int, int] | None
    logs: Sequence[Log]


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the timeline as five cells of at least one line each."""

    id: str
    cells: Sequence[Sequence[str]]


@cache
def word_table() -> dict[str, dict[str, list[str]]]:
    """The words of the format by group and code, each in Indonesian and English."""
    return tomllib.loads((FORMAT / "words.toml").read_text("utf-8"))


def has_word(type: str) -> bool:
    """Tell if the act of a statement or record type has a word."""
    return _act(type) in word_table()["act"]


def verify_text() -> bytes:
    """The text VERIFY.md, the same in every pack of the format."""
    return (FORMAT / "VERIFY.md").read_bytes()


class Words:
    """The words of one language; of the types that are `unread` only the code is shown."""

    def __init__(self, language: Language, unread: Collection[str] = ()) -> None:
        self.language = language
        self._unread = unread

    def __call__(self, group: str, word: str) -> str:
        """A word, or what was looked up if there is none."""
        both = word_table()[group].get(word)
        return both[LANGUAGES.index(self.language)] if both else word

    def label(self, word: str) -> str:
        return self("label", word)

    def act(self, type: str) -> str:
        """The word for what a type does."""
        return _act(type) if type in self._unread else self("act", _act(type))


def _act(type: str) -> str:
    """The last word of a type that is not its version."""
    words = [word for word in type.split(".") if not (word[:1] == "v" and word[1:].isdigit())]
    return words[-1] if words else ""


class Page:
    """One timeline in one language, as lines."""

    def __init__(self, heading: Heading, story: Sequence[Entry], words: Words) -> None:
        self.heading, self.story, self.words = heading, story, words

    @property
    def title(self) -> str:
        return f"{self.words.label('title')}: {self.words.label('pack')}"

    def head(self) -> Iterator[tuple[str, str]]:
        """Label and value of each line of the heading."""
        heading, label = self.heading, self.words.label
        yield label("maker"), heading.maker
        if heading.case_id:
            yield label("case"), heading.case_id
        if heading.matters:
            yield label("matters"), ", ".join(heading.matters)
        if heading.range is not None:
            first, end = heading.range
            yield label("range"), f"{first} - {end - 1}"

    def log_head(self) -> list[str]:
        return [self.words.label(word) for word in _LOG_HEAD]

    def log_rows(self) -> list[Sequence[str]]:
        return [
            (log.party, str(log.size), log.root, _utc(log.as_of), str(log.leaves))
            for log in self.heading.logs
        ]

    def event_head(self) -> list[str]:
        return [self.words.label(word) for word in _EVENT_HEAD]

    def events(self) -> Iterator[Event]:
        for entry in self.story:
            time = [_utc(entry.time), *_wib(entry.time)]
            others = (self._what(entry), self._who(entry), self._facts(entry), self._places(entry))
            yield Event(entry.id, [time, *(list(lines) or [""] for lines in others)])

    def document_lines(self) -> list[str]:
        return [
            f"{document['sha256']}  {document['named']}  {document['type']}  {document['in']}"
            for document in documents(self.story)
        ]

    def html(self) -> bytes:
        """The page on its own: no script, nothing from elsewhere."""
        made = (
            _environment()
            .get_template("timeline.html.j2")
            .render(
                language=self.words.language,
                title=self.title,
                label={word: self.words.label(word) for word in word_table()["label"]},
                head=list(self.head()),
                log_head=self.log_head(),
                log_rows=self.log_rows(),
                event_head=self.event_head(),
                events=list(self.events()),
                documents=self.document_lines(),
            )
        )
        return made.encode()

    def _what(self, entry: Entry) -> Iterator[str]:
        label = self.words.label
        yield self.words.act(entry.type)
        yield f"{label(entry.kind)} {entry.type}"
        if entry.recipient:
            yield f"{label('to')} {entry.recipient}, {label('number')} {entry.sequence}"
        if entry.state:
            yield f"{label('state')}: {entry.state}"
        if entry.copy_of:
            yield f"{label('copy_of')} {entry.copy_of}"

    def _who(self, entry: Entry) -> Iterator[str]:
        yield entry.party
        if entry.actor:
            yield f"{self.words('actor', entry.actor_kind)} {entry.actor}"
        if entry.basis:
            yield f"{self.words.label('basis')}: {entry.basis}"

    def _facts(self, entry: Entry) -> Iterator[str]:
        for fact in entry.facts:
            yield f"{fact.path}: {fact.value}"
        if entry.commitment:
            yield f"{self.words.label('personal')} {entry.commitment}"

    def _places(self, entry: Entry) -> Iterator[str]:
        label = self.words.label
        yield entry.id
        yield _kept(entry.kept)
        for answer in entry.answers:
            said = self.words("outcome", answer.outcome) if answer.outcome else ""
            reason = f" ({answer.reason})" if answer.reason else ""
            yield f"{label(answer.stage)} {answer.signer} {_utc(answer.time)} {said}{reason}".rstrip()
            yield _kept(answer.kept)
        if entry.kind == "statement" and not entry.answers:
            yield label("no_receipt")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FORMAT),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
    )


def _kept(kept: dict[str, int]) -> str:
    return ", ".join(f"{party} #{index}" for party, index in sorted(kept.items()))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def _wib(at: datetime) -> Iterator[str]:
    """The clock in Jakarta; nothing for the last hours of the year 9999, which a peer may have signed."""
    if at <= _LAST_IN_WIB:
        yield f"{at.astimezone(_WIB):%Y-%m-%d %H:%M:%S} WIB"
