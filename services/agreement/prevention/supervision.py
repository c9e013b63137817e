"""Supervision (pengawasan) as data: where an authority's team sees something, how it guides, what Bawaslu tells it.

Sources stand with each line of `supervision.toml`; what no public page showed is named in `unconfirmed`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agreement import data_files
from agreement.data_files import Unknown as Unknown

INFORMATION, MATTER = "INFORMATION", "MATTER"

_FILE = "supervision.toml"


@dataclass(frozen=True)
class Line:
    """A code of one of the lists; `text` is Indonesian. `of` is what a stage is told of, empty for other lists."""

    code: str
    text: str
    of: str
    source: str
    unconfirmed: tuple[str, ...]


def _parse_line(entry: data_files.Entry, *, told: bool = False) -> Line:
    line = Line(
        code=entry.text("code"),
        text=entry.text("text"),
        of=entry.text("of") if told else "",
        source=entry.text("source"),
        unconfirmed=entry.optional("unconfirmed", entry.texts) or (),
    )
    entry.done()
    if told and line.of not in (INFORMATION, MATTER):
        raise entry.broken("of: not INFORMATION or MATTER")
    return line


@dataclass(frozen=True)
class _Data:
    channels: Mapping[str, Line]
    guidances: Mapping[str, Line]
    stages: Mapping[str, Line]


def _parse(text: str) -> _Data:
    found = data_files.entries(_FILE, text, "code", "channel", "guidance", "stage")
    return _Data(
        channels=_by_code(map(_parse_line, found["channel"])),
        guidances=_by_code(map(_parse_line, found["guidance"])),
        stages=_by_code(_parse_line(entry, told=True) for entry in found["stage"]),
    )


def _by_code(lines: Iterable[Line]) -> Mapping[str, Line]:
    return data_files.by_code(_FILE, ((line.code, line) for line in lines))


_DATA = _parse(data_files.read(_FILE))


def channels() -> Mapping[str, Line]:
    """Where a team sees something (kanal), under the codes."""
    return _DATA.channels


def channel(code: str, *, field: str = "channel") -> Line:
    """The channel with a code such as SOCIAL_MEDIA. Raises `Unknown` for any other text."""
    return _known(_DATA.channels, code, "not a listed channel", field)


def guidances() -> Mapping[str, Line]:
    """How an authority settles it itself (pembinaan), under the codes."""
    return _DATA.guidances


def guidance(code: str, *, field: str = "guidance") -> Line:
    """The kind of guidance with a code such as REMINDED. Raises `Unknown` for any other text."""
    return _known(_DATA.guidances, code, "not a listed kind of guidance", field)


def stages() -> Mapping[str, Line]:
    """The stages that are told to the team that saw it first, under their codes, in their usual order."""
    return _DATA.stages


def stage(code: str, *, field: str = "stage") -> Line:
    """The stage with a code such as TRACING. Raises `Unknown` for any other text."""
    return _known(_DATA.stages, code, "not a listed stage", field)


def _known(lines: Mapping[str, Line], code: str, problem: str, field: str) -> Line:
    try:
        return lines[code]
    except KeyError:
        raise Unknown(problem, field=field) from None
