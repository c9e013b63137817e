"""Reasons of those who oversee a follow-up: warnings (teguran), blocking of data (pemblokiran), annulment of decrees (pembatalan).

PP 12/2017 (warnings to heads of region); Perpres 116/2022 art. 19 (annulment), 20(4) and Peraturan BKN 1/2023 (blocking). What a desk knows
of a matter is left to its domain: `needs` only says what it must show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from agreement import data_files
from agreement.data_files import Unknown as Unknown

Needs = Literal["", "OVERDUE", "WARNING_PASSED", "CONFORMS", "CANNOT_BE_FOLLOWED_UP", "WITHDRAWN"]

_FILE = "oversight.toml"


class Reason(data_files.Model):
    """A reason to block, to unblock or to annul; `text` is Indonesian, `needs` what must be shown for it ("": nothing)."""

    code: data_files.Text
    text: data_files.Text
    source: data_files.Text
    needs: Needs = ""
    unconfirmed: data_files.Texts = ()


class WarningRule(data_files.Model):
    """Time that a warned authority has: `days` calendar days from the letter's date, to the end of the last."""

    id: data_files.Text
    days: data_files.Number
    source: data_files.Text
    note: data_files.Text
    unconfirmed: data_files.Texts = ()


class _File(data_files.Model):
    warning: Annotated[data_files.Entries[WarningRule], Field(min_length=1, max_length=1)]
    block_reason: data_files.Entries[Reason]
    unblock_reason: data_files.Entries[Reason]
    annul_reason: data_files.Entries[Reason]


@dataclass(frozen=True)
class _Data:
    warning: WarningRule
    block_reasons: Mapping[str, Reason]
    unblock_reasons: Mapping[str, Reason]
    annul_reasons: Mapping[str, Reason]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    return _Data(
        warning=found.warning[0],
        block_reasons=data_files.index(_FILE, found.block_reason, lambda each: each.code),
        unblock_reasons=data_files.index(_FILE, found.unblock_reason, lambda each: each.code),
        annul_reasons=data_files.index(_FILE, found.annul_reason, lambda each: each.code),
    )


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def warning() -> WarningRule:
    """The rule of warnings (PP 12/2017)."""
    return _data().warning


def comply_by(letter_date: date) -> date:
    """The last day on which a warned authority complies; both are legal dates."""
    return letter_date + timedelta(days=_data().warning.days)


def block_reasons() -> Mapping[str, Reason]:
    """The reasons to block, under their codes."""
    return _data().block_reasons


def block_reason(code: str, *, field: str = "reason") -> Reason:
    """The reason to block with a code. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().block_reasons, code, "not a listed reason to block", field)


def unblock_reasons() -> Mapping[str, Reason]:
    """The reasons to unblock, under their codes."""
    return _data().unblock_reasons


def unblock_reason(code: str, *, field: str = "reason") -> Reason:
    """The reason to unblock with a code. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().unblock_reasons, code, "not a listed reason to unblock", field)


def annul_reasons() -> Mapping[str, Reason]:
    """The reasons to annul a decree, under their codes."""
    return _data().annul_reasons


def annul_reason(code: str, *, field: str = "reason") -> Reason:
    """The reason to annul with a code. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().annul_reasons, code, "not a listed reason to annul a decree", field)
