"""Supervision (pengawasan) as data: where an authority's team sees something, how it guides, what Bawaslu tells it.

Sources stand with each line of `supervision.toml`; what no public page showed is named in `unconfirmed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from agreement import data_files
from agreement.data_files import Unknown as Unknown

INFORMATION, MATTER = "INFORMATION", "MATTER"

_FILE = "supervision.toml"


class Line(data_files.Model):
    """A code of one of the lists; `text` is Indonesian."""

    code: data_files.Text
    text: data_files.Text
    source: data_files.Text
    unconfirmed: data_files.Texts = ()


class Stage(Line):
    """A stage that the team which saw it first is told; `of` is what it is told of."""

    of: Literal["INFORMATION", "MATTER"]


class _File(data_files.Model):
    channel: data_files.Entries[Line]
    guidance: data_files.Entries[Line]
    stage: data_files.Entries[Stage]


@dataclass(frozen=True)
class _Data:
    channels: Mapping[str, Line]
    guidances: Mapping[str, Line]
    stages: Mapping[str, Stage]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    return _Data(
        channels=data_files.index(_FILE, found.channel, lambda each: each.code),
        guidances=data_files.index(_FILE, found.guidance, lambda each: each.code),
        stages=data_files.index(_FILE, found.stage, lambda each: each.code),
    )


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def channels() -> Mapping[str, Line]:
    """Places where a team sees something (kanal), under the codes."""
    return _data().channels


def channel(code: str, *, field: str = "channel") -> Line:
    """The channel with a code such as SOCIAL_MEDIA. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().channels, code, "not a listed channel", field)


def guidances() -> Mapping[str, Line]:
    """Ways of guidance by which an authority settles it itself (pembinaan), under the codes."""
    return _data().guidances


def guidance(code: str, *, field: str = "guidance") -> Line:
    """The kind of guidance with a code such as REMINDED. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().guidances, code, "not a listed kind of guidance", field)


def stages() -> Mapping[str, Stage]:
    """The stages that are told to the team that saw it first, under their codes, in their usual order."""
    return _data().stages


def stage(code: str, *, field: str = "stage") -> Stage:
    """The stage with a code such as TRACING. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().stages, code, "not a listed stage", field)
