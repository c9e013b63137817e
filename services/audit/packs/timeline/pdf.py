"""Timeline of a pack as PDF: a convenience. Its digest stands in the manifest, and no reader makes it again or compares it."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from io import BytesIO
from typing import Any

from audit.packs.timeline.page import Page

# Columns of the tables, in millimetres on A4 across.
_EVENT_WIDTHS = (30, 62, 38, 87, 50)
_LOG_WIDTHS = (30, 25, 127, 60, 25)

Flowable = Any  # reportlab has no types
Lines = Sequence[str]


def pdf(page: Page) -> bytes:
    """Print a page; not compressed, and without the time of making, so that its bytes depend on the story and the library only."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=landscape(A4),
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=15 * mm,
        title=page.title,
        author=page.heading.maker,
        creator="Netral",
        lang=page.words.language,
        invariant=1,
        pageCompression=0,
    )

    def number(canvas: Any, _: Any) -> None:
        canvas.setFont("Helvetica", 7)
        canvas.drawRightString(282 * mm, 8 * mm, f"{page.words.label('page')} {canvas.getPageNumber()}")

    document.build(list(_flowables(page)), onFirstPage=number, onLaterPages=number)
    return buffer.getvalue()


def _flowables(page: Page) -> Iterator[Flowable]:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph

    styles, label = getSampleStyleSheet(), page.words.label
    yield Paragraph(_plain(page.title), styles["Title"])
    yield Paragraph(_plain(label("note")), styles["BodyText"])
    for name, value in page.head():
        yield Paragraph(f"<b>{_plain(name)}</b>: {_plain(value)}", styles["BodyText"])
    yield Paragraph(_plain(label("logs")), styles["Heading2"])
    yield _table([[[cell] for cell in row] for row in (page.log_head(), *page.log_rows())], _LOG_WIDTHS)
    yield Paragraph(_plain(label("title")), styles["Heading2"])
    heads = [[name] for name in page.event_head()]
    yield _table([heads, *(event.cells for event in page.events())], _EVENT_WIDTHS)
    yield Paragraph(_plain(label("documents")), styles["Heading2"])
    for line in page.document_lines() or [label("none")]:
        yield Paragraph(_plain(line), styles["BodyText"])


def _table(rows: Iterable[Sequence[Lines]], widths: Sequence[float]) -> Flowable:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import LongTable, Paragraph

    style = ParagraphStyle("cell", fontName="Helvetica", fontSize=7, leading=8.5, splitLongWords=1)

    class Cell(Paragraph):  # type: ignore[misc]
        """A paragraph that breaks its lines once: the table asks for its height again and again."""

        wrapped: tuple[float, tuple[float, float]] | None = None

        def wrap(self, width: float, height: float) -> tuple[float, float]:
            if self.wrapped is None or self.wrapped[0] != width or not hasattr(self, "blPara"):
                self.wrapped = width, super().wrap(width, height)
            return self.wrapped[1]

    cells = [[Cell("<br/>".join(map(_plain, lines)), style) for lines in row] for row in rows]
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


def _plain(text: str) -> str:
    """Text for a paragraph: marked up for nothing, and in the letters that its font has."""
    return escape(text.encode("cp1252", "replace").decode("cp1252"), quote=False)
