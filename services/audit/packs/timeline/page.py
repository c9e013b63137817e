"""Timeline of a pack as a page for people, in Indonesian and in English: its lines, and its HTML. No I/O but the format's files.

The page is made from the leaves alone, by the words and the template of its format, so whoever holds a pack makes it again and
compares. Those files are frozen: another word or template is another format. How an entry is told is left to the format's `Words`
(`field_names`, `officers_words`), the PDF of the same lines to `pdf`. What is shown of the logs (size, root, time) their
parts state.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol

from audit.packs.formats import Language, PackFormat
from audit.packs.timeline.entries import Entry
from audit.packs.timeline.lines import utc, wib

if TYPE_CHECKING:
    from jinja2 import Environment

_EVENT_HEAD = ("time", "what", "who", "facts", "proof")
_LOG_HEAD = ("party", "size", "root", "as_of", "leaves")


class Words(Protocol):
    """The words of a format in one language: labels, and the lines of an entry."""

    format: PackFormat
    language: Language

    def label(self, word: str) -> str: ...
    def labels(self) -> dict[str, str]: ...
    def party(self, id: str) -> str: ...
    def what(self, entry: Entry) -> Iterable[str]: ...
    def who(self, entry: Entry) -> Iterable[str]: ...
    def facts(self, entry: Entry) -> Iterable[str]: ...
    def places(self, entry: Entry) -> Iterable[str]: ...
    def document_lines(self, story: Sequence[Entry]) -> list[str]: ...


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
        yield label("maker"), self.words.party(heading.maker)
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
            (self.words.party(log.party), str(log.size), log.root, utc(log.as_of), str(log.leaves))
            for log in self.heading.logs
        ]

    def event_head(self) -> list[str]:
        return [self.words.label(word) for word in _EVENT_HEAD]

    def events(self) -> Iterator[Event]:
        for entry in self.story:
            words = self.words
            time = [utc(entry.time), *wib(entry.time)]
            others = (words.what(entry), words.who(entry), words.facts(entry), words.places(entry))
            yield Event(entry.id, [time, *(list(lines) or [""] for lines in others)])

    def document_lines(self) -> list[str]:
        return self.words.document_lines(self.story)

    def read_through(self) -> None:
        """Look up every word of the page, so that those that are missing are known."""
        list(self.head())
        list(self.events())
        self.log_rows()
        self.document_lines()

    def html(self) -> bytes:
        """The page on its own: no script, nothing from elsewhere."""
        made = (
            _environment(self.words.format)
            .get_template("timeline.html.j2")
            .render(
                language=self.words.language,
                title=self.title,
                label=self.words.labels(),
                head=list(self.head()),
                log_head=self.log_head(),
                log_rows=self.log_rows(),
                event_head=self.event_head(),
                events=list(self.events()),
                documents=self.document_lines(),
            )
        )
        return made.encode()


@cache
def _environment(format: PackFormat) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # a host starts without

    return Environment(
        loader=FileSystemLoader(format.folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
    )
