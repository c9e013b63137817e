"""Acts of overseers, as a matter takes them: BKN blocks data (Peraturan BKN 1/2023) and annuls decrees, Kemendagri warns (PP 12/2017).

Blocks and warnings are flags beside the state: the follow-up goes on. What an annulment changes beside them is each desk's.
Who may say it is decided by the role under which it was sent.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from refusals import Malformed, WrongState


@dataclass(frozen=True)
class Blocked:
    """The data holder blocked the person's data (diblokir). A date is None only if left out; then it is refused."""

    act_number: str
    act_date: date | None


@dataclass(frozen=True)
class Unblocked:
    """The data holder opened the data again (dibuka)."""

    act_number: str
    act_date: date | None


@dataclass(frozen=True)
class Warned:
    """The addressee was warned (ditegur), to comply by the end of a day in its zone."""

    letter_number: str
    letter_date: date | None
    comply_by: date | None


@dataclass(frozen=True)
class DecreeAnnulled:
    """The data holder annulled the decree of the authority (dibatalkan); `due_date`: until when another is to be made, if it said so."""

    act_number: str
    act_date: date | None
    decree_number: str
    due_date: date | None = None


OverseerEvent = Blocked | Unblocked | Warned | DecreeAnnulled


class Marks(TypedDict, total=False):
    """The flags of a matter that acts of overseers change."""

    data_blocked: bool
    block_number: str
    block_date: date | None
    unblock_number: str
    unblock_date: date | None
    warning_number: str
    warning_date: date | None
    warning_due_date: date | None
    annulment_number: str
    annulment_date: date | None


def marks(event: OverseerEvent) -> Marks:
    """The fields of a matter that such an event changes.

    Raises:
        Malformed: a date is left out.
    """
    match event:
        case Blocked():
            return {
                "data_blocked": True,
                "block_number": event.act_number,
                "block_date": _given(event.act_date, "act_date"),
                "unblock_number": "",
                "unblock_date": None,
            }
        case Unblocked():
            return {
                "data_blocked": False,
                "unblock_number": event.act_number,
                "unblock_date": _given(event.act_date, "act_date"),
            }
        case Warned():
            return {
                "warning_number": event.letter_number,
                "warning_date": _given(event.letter_date, "letter_date"),
                "warning_due_date": _given(event.comply_by, "comply_by"),
            }
        case DecreeAnnulled():
            return {
                "annulment_number": event.act_number,
                "annulment_date": _given(event.act_date, "act_date"),
            }


def require_standing(event: DecreeAnnulled, decree_number: str) -> None:
    """Refuse the annulment of another decree than the one that stands.

    Raises:
        WrongState: naming nothing of it.
    """
    if event.decree_number != decree_number:
        raise WrongState("another decree than the one that stands is annulled", reason="OTHER_DECREE")


def _given(day: date | None, field: str) -> date:
    if day is None:
        raise Malformed("an act of an overseer has its dates", field=field)
    return day
