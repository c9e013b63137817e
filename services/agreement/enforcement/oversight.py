"""What those who oversee a follow-up may give as reason: warnings (teguran) and blocking of personnel data (pemblokiran).

PP 12/2017 (warnings to heads of region); Perpres 116/2022 art. 20(4) and Peraturan BKN 1/2023 (blocking). What a desk knows
of a matter is left to its domain: `needs` only says what it must show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from agreement import data_files
from agreement.data_files import Unknown as Unknown

Needs = Literal["", "OVERDUE", "WARNING_PASSED", "CONFORMS", "CANNOT_BE_FOLLOWED_UP", "WITHDRAWN"]

_FILE = "oversight.toml"
_NEEDS: Mapping[str, Needs] = {
    "OVERDUE": "OVERDUE",
    "WARNING_PASSED": "WARNING_PASSED",
    "CONFORMS": "CONFORMS",
    "CANNOT_BE_FOLLOWED_UP": "CANNOT_BE_FOLLOWED_UP",
    "WITHDRAWN": "WITHDRAWN",
}


@dataclass(frozen=True)
class Reason:
    """A reason to block or to unblock; `text` is Indonesian, `needs` what must be shown for it ("": nothing)."""

    code: str
    text: str
    needs: Needs
    source: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True)
class Office:
    """An office of BKN that blocks: its centre or a regional office (kantor regional)."""

    code: str
    name: str
    source: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True)
class WarningRule:
    """How long a warned authority has: `days` calendar days from the letter's date, to the end of the last."""

    id: str
    days: int
    source: str
    note: str
    unconfirmed: tuple[str, ...]


def _unconfirmed(entry: data_files.Entry) -> tuple[str, ...]:
    return entry.optional("unconfirmed", entry.texts) or ()


def _parse_reason(entry: data_files.Entry) -> Reason:
    needs = entry.optional("needs", entry.text)
    if needs is not None and needs not in _NEEDS:
        raise entry.broken("needs: unknown")
    reason = Reason(
        code=entry.text("code"),
        text=entry.text("text"),
        needs=_NEEDS[needs] if needs else "",
        source=entry.text("source"),
        unconfirmed=_unconfirmed(entry),
    )
    entry.done()
    return reason


def _parse_office(entry: data_files.Entry) -> Office:
    office = Office(entry.text("code"), entry.text("name"), entry.text("source"), _unconfirmed(entry))
    entry.done()
    return office


def _parse_warning(entry: data_files.Entry) -> WarningRule:
    rule = WarningRule(
        id=entry.text("id"),
        days=entry.number("days"),
        source=entry.text("source"),
        note=entry.text("note"),
        unconfirmed=_unconfirmed(entry),
    )
    entry.done()
    return rule


@dataclass(frozen=True)
class _Data:
    warning: WarningRule
    block_reasons: Mapping[str, Reason]
    unblock_reasons: Mapping[str, Reason]
    offices: Mapping[str, Office]


def _parse(text: str) -> _Data:
    found = data_files.entries(_FILE, text, "code", "warning", "block_reason", "unblock_reason", "office")
    rules = [_parse_warning(entry) for entry in found["warning"]]
    if len(rules) != 1:
        raise data_files.BrokenData(_FILE, "warning", "not exactly one")
    block, unblock = (
        [_parse_reason(each) for each in found[f"{kind}_reason"]] for kind in ("block", "unblock")
    )
    offices = [_parse_office(entry) for entry in found["office"]]
    return _Data(
        warning=rules[0],
        block_reasons=data_files.by_code(_FILE, ((each.code, each) for each in block)),
        unblock_reasons=data_files.by_code(_FILE, ((each.code, each) for each in unblock)),
        offices=data_files.by_code(_FILE, ((each.code, each) for each in offices)),
    )


_DATA = _parse(data_files.read(_FILE))


def warning() -> WarningRule:
    """The rule of warnings (PP 12/2017)."""
    return _DATA.warning


def comply_by(letter_date: date) -> date:
    """The last day on which a warned authority complies; both are legal dates."""
    return letter_date + timedelta(days=_DATA.warning.days)


def block_reasons() -> Mapping[str, Reason]:
    """The reasons to block, under their codes."""
    return _DATA.block_reasons


def block_reason(code: str, *, field: str = "reason") -> Reason:
    """The reason to block with a code. Raises `Unknown` for any other text."""
    return _known(_DATA.block_reasons, code, "not a listed reason to block", field)


def unblock_reasons() -> Mapping[str, Reason]:
    """The reasons to unblock, under their codes."""
    return _DATA.unblock_reasons


def unblock_reason(code: str, *, field: str = "reason") -> Reason:
    """The reason to unblock with a code. Raises `Unknown` for any other text."""
    return _known(_DATA.unblock_reasons, code, "not a listed reason to unblock", field)


def offices() -> Mapping[str, Office]:
    """BKN's offices, under their codes."""
    return _DATA.offices


def office(code: str, *, field: str = "office") -> Office:
    """The office of BKN with a code such as `KANREG-IV`. Raises `Unknown` for any other text."""
    return _known(_DATA.offices, code, "not an office of the data holder", field)


def _known(entries: Mapping[str, data_files.T], code: str, problem: str, field: str) -> data_files.T:
    try:
        return entries[code]
    except KeyError:
        raise Unknown(problem, field=field) from None
