"""Help in the session's language: its texts are said like all others, and stand in the same catalogue (`cli.words`)."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from cli.language import chosen, said, sayable

_WORDS = sayable("Usage", "Options", "Arguments", "Commands", "Example", "required", "default", "env var")
_USAGE = sayable("[OPTIONS]", "COMMAND [ARGS]...")
_HELP = sayable("Show this message and exit.")
_ROW = re.compile(r"(?P<help>.*?)(?:(?:  |^)\[(?P<notes>[^\[\]]*)\])?", re.DOTALL)
_MARK = re.compile(r"(?P<mark>\[r[ow]\] )?(?P<text>.*)", re.DOTALL)
_NOTE = re.compile(r"(?P<word>required|default|env var)(?P<rest>: .*|)", re.DOTALL)
_EXAMPLE = "Example: "
_LINE = 150
"""Characters of a command's line in a list, at most."""


@cache
def in_session(plain: type[Any]) -> type[Any]:
    """The formatter of help that a parser has, but for the language of what it writes."""

    class InSession(plain):  # type: ignore[misc]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            for word in _USAGE:
                args = args.replace(word, said(word))
            super().write_usage(prog, args, f"{said('Usage')}: ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(said(heading))

        def write_text(self, text: str) -> None:
            super().write_text("\n\n".join(map(_said, _paragraphs(text))))

        def write_dl(self, rows: Sequence[tuple[str, str]], *widths: int, **more: int) -> None:
            super().write_dl([(name, _row(text)) for name, text in rows], *widths, **more)

    return InSession


def line_of(command: Any) -> str:
    """The line of a command in a list: the first sentence of its help."""
    if chosen() != "id":
        line: str = command.get_short_help_str(_LINE)
        return line
    return _said(_paragraphs(command.help or "")[0]).partition(". ")[0].removesuffix(".") + "."


def texts_of(command: Any) -> Iterator[str]:
    """Every text in the help of a command and of those below it."""
    yield from (_unmarked(text) for text in _paragraphs(command.help or "") if not text.startswith(_EXAMPLE))
    yield from filter(None, [command.rich_help_panel])
    yield from (option.help for option in command.params if getattr(option, "help", None))
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from texts_of(command.get_command(None, name))


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n")]


def _unmarked(text: str) -> str:
    return _parts(_MARK, text)["text"] or ""


def _said(text: str) -> str:
    if text.startswith(_EXAMPLE):
        return f"{said('Example')}: {text.removeprefix(_EXAMPLE)}"
    found = _parts(_MARK, text)
    return f"{found['mark'] or ''}{said(found['text'] or '')}"


def _row(text: str) -> str:
    """A line of a list: its text, and behind it the notes on an option's value."""
    found = _parts(_ROW, text)
    notes = "; ".join(map(_note, (found["notes"] or "").split("; ")))
    return "  ".join(filter(None, [_said(found["help"] or ""), f"[{notes}]" if notes else ""]))


def _note(text: str) -> str:
    found = _NOTE.fullmatch(text)
    return f"{said(found['word'])}{found['rest']}" if found else text


def _parts(pattern: re.Pattern[str], text: str) -> dict[str, str | None]:
    found = pattern.fullmatch(text)
    assert found is not None  # both take any text
    return found.groupdict()
