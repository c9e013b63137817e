"""A pack's timeline for people: HTML and PDF, Indonesian and English, the same bytes for the same story. No I/O but fonts.

It is made from the leaves alone, so whoever holds a pack can make it again and compare. The words are in `words.toml`; a
type without a word is shown by its code. What is shown of the logs (size, root, time) is what their parts state.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from audit.packs.timeline import Entry, documents

Language = Literal["id", "en"]
LANGUAGES: Sequence[Language] = ("id", "en")

_WIB = timezone(timedelta(hours=7), "WIB")
# Columns of the PDF's table, in millimetres on A4 across.
_WIDTHS = (30, 62, 38, 87, 50)
_STYLE = (
    "body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 1em}"
    "table{border-collapse:collapse;width:100%;margin:1em 0}"
    "th,td{border:1px solid #bbb;padding:.35em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{background:#eee}code{font-size:.85em;overflow-wrap:anywhere}.small{color:#555;font-size:.85em}"
)


@dataclass(frozen=True, slots=True)
class Log:
    """What a part states of its log; `as_of` (UTC) is when its checkpoint was signed."""

    party: str
    size: int
    root: str
    as_of: datetime
    leaves: int


@dataclass(frozen=True, slots=True)
class Heading:
    """What a pack is about: a case, matters, or a range of entries (`first` up to, without, `end`)."""

    maker: str
    case_id: str
    matters: Sequence[str]
    range: tuple[int, int] | None
    logs: Sequence[Log]


def files(heading: Heading, story: Sequence[Entry]) -> dict[str, bytes]:
    """The readable files of a pack by name."""
    made = {}
    for language in LANGUAGES:
        page = _Page(heading, story, _Words(language))
        made[f"timeline.{language}.html"] = page.html()
        made[f"timeline.{language}.pdf"] = page.pdf()
    return made


@cache
def _word_table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


class _Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, group: str, word: str) -> str:
        """A word, or what was looked up if there is none."""
        both = _word_table()[group].get(word)
        return both[LANGUAGES.index(self.language)] if both else word

    def label(self, word: str) -> str:
        return self("label", word)

    def act(self, type: str) -> str:
        """What a type says: its last word that is not a version."""
        words = [word for word in type.split(".") if not (word[:1] == "v" and word[1:].isdigit())]
        return self("act", words[-1]) if words else ""


class _Page:
    """One timeline in one language."""

    def __init__(self, heading: Heading, story: Sequence[Entry], words: _Words) -> None:
        self.heading, self.story, self.words = heading, story, words

    # What it says, whatever it is printed with

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

    def log_rows(self) -> list[Sequence[str]]:
        labels = [self.words.label(word) for word in ("party", "size", "root", "as_of", "leaves")]
        rows = [
            (log.party, str(log.size), log.root, _utc(log.as_of), str(log.leaves))
            for log in self.heading.logs
        ]
        return [labels, *rows]

    def event_head(self) -> list[str]:
        return [self.words.label(word) for word in ("time", "what", "who", "facts", "proof")]

    def event(self, entry: Entry) -> list[list[str]]:
        """The five cells of an entry, each as lines."""
        return [
            [_utc(entry.time), f"{entry.time.astimezone(_WIB):%Y-%m-%d %H:%M:%S} WIB"],
            list(self._what(entry)),
            list(self._who(entry)),
            list(self._facts(entry)),
            list(self._places(entry)),
        ]

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

    def document_lines(self) -> Iterator[str]:
        for document in documents(self.story):
            yield f"{document['sha256']}  {document['named']}  {document['type']}  {document['in']}"

    # HTML

    def html(self) -> bytes:
        """The page, on its own: no script, nothing from elsewhere."""
        label = self.words.label
        title = escape(f"{label('title')}: {label('pack')}")
        lines = [
            "<!doctype html>",
            f'<html lang="{self.words.language}"><head><meta charset="utf-8"><title>{title}</title>',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<style>{_STYLE}</style></head><body><h1>{title}</h1>",
            f"<p>{escape(label('note'))}</p><table>",
            *(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self.head()),
            f"</table><h2>{escape(label('logs'))}</h2>",
            _html_table(self.log_rows()),
            f"<h2>{escape(label('title'))}</h2><table>",
            "<thead><tr>"
            + "".join(f"<th>{escape(name)}</th>" for name in self.event_head())
            + "</tr></thead>",
            "<tbody>",
            *map(self._html_row, self.story),
            f"</tbody></table><h2>{escape(label('documents'))}</h2>",
            *(
                f"<p><code>{escape(line)}</code></p>"
                for line in list(self.document_lines()) or [label("none")]
            ),
            "</body></html>",
        ]
        return ("\n".join(lines) + "\n").encode()

    def _html_row(self, entry: Entry) -> str:
        cells = []
        for lines in self.event(entry):
            first, *others = lines or [""]
            small = "".join(f'<div class="small">{escape(line)}</div>' for line in others)
            cells.append(f"<td>{escape(first)}{small}</td>")
        return f'<tr id="{escape(entry.id)}">{"".join(cells)}</tr>'

    # PDF

    def pdf(self) -> bytes:
        """The page as PDF; not compressed, and without the time of making, so that its bytes depend on the story only."""
        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.lib.units import mm
        from reportlab.platypus import SimpleDocTemplate

        label = self.words.label
        buffer = BytesIO()
        document = SimpleDocTemplate(
            buffer,
            pagesize=landscape(A4),
            leftMargin=15 * mm,
            rightMargin=15 * mm,
            topMargin=15 * mm,
            bottomMargin=15 * mm,
            title=f"{label('title')}: {label('pack')}",
            author=self.heading.maker,
            creator="Netral",
            lang=self.words.language,
            invariant=1,
            pageCompression=0,
        )

        def number(canvas: Any, _: Any) -> None:
            canvas.setFont("Helvetica", 7)
            canvas.drawRightString(282 * mm, 8 * mm, f"{label('page')} {canvas.getPageNumber()}")

        document.build(list(self._flowables()), onFirstPage=number, onLaterPages=number)
        return buffer.getvalue()

    def _flowables(self) -> Iterator[Any]:
        from reportlab.lib.styles import getSampleStyleSheet
        from reportlab.platypus import Paragraph

        styles = getSampleStyleSheet()
        label = self.words.label
        yield Paragraph(_plain(f"{label('title')}: {label('pack')}"), styles["Title"])
        yield Paragraph(_plain(label("note")), styles["BodyText"])
        for name, value in self.head():
            yield Paragraph(f"<b>{_plain(name)}</b>: {_plain(value)}", styles["BodyText"])
        yield Paragraph(_plain(label("logs")), styles["Heading2"])
        yield _pdf_table([[[cell] for cell in row] for row in self.log_rows()], (30, 25, 127, 60, 25))
        yield Paragraph(_plain(label("title")), styles["Heading2"])
        heads = [[name] for name in self.event_head()]
        yield _pdf_table([heads, *map(self.event, self.story)], _WIDTHS)
        yield Paragraph(_plain(label("documents")), styles["Heading2"])
        for line in list(self.document_lines()) or [label("none")]:
            yield Paragraph(_plain(line), styles["BodyText"])


def _pdf_table(rows: Iterable[Sequence[Sequence[str]]], widths: Sequence[float]) -> Any:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import LongTable, Paragraph

    style = ParagraphStyle("cell", fontName="Helvetica", fontSize=7, leading=8.5, splitLongWords=1)
    cells = [[Paragraph("<br/>".join(map(_plain, lines)), style) for lines in row] for row in rows]
    return LongTable(
        cells,
        colWidths=[width * mm for width in widths],
        repeatRows=1,
        splitInRow=1,
        style=[
            ("GRID", (0, 0), (-1, -1), 0.25, colors.grey),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ],
    )


def _html_table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = ["<table><thead><tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr></thead>"]
    lines += ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body]
    return "\n".join([*lines, "</table>"])


def _plain(text: str) -> str:
    """Text for a PDF's paragraph: marked up for nothing, and in the letters that its font has."""
    return escape(text.encode("cp1252", "replace").decode("cp1252"), quote=False)


def _kept(kept: dict[str, int]) -> str:
    return ", ".join(f"{party} #{index}" for party, index in sorted(kept.items()))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
