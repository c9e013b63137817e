"""Grounds of erasure, reasons of legal holds and retention periods, as data. What is done about them is left to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agreement import data_files
from agreement.data_files import Unknown as Unknown
from agreement.information import legal_bases
from refusals import NotAllowed

_FILE = "retention.toml"


@dataclass(frozen=True)
class Ground:
    """A ground of erasure (alasan penghapusan), and the legal bases that may be cited for it."""

    code: str
    title_id: str
    title_en: str
    bases: tuple[str, ...]
    confirmed: bool
    source: str


@dataclass(frozen=True)
class HoldReason:
    """Why nothing is erased for a while (alasan penahanan)."""

    code: str
    title_id: str
    title_en: str


@dataclass(frozen=True)
class RetentionClass:
    """How long (years) personal data of a matter are kept after its last act left it in one of `states` (kelas retensi).

    `confirmed` is False where no retention schedule was read that says so.
    """

    code: str
    title_id: str
    states: frozenset[str]
    years: int
    confirmed: bool
    source: str

    def due(self, last: date) -> date:
        """The first legal date on which data of a matter may be erased whose last act was on `last`."""
        year = last.year + self.years
        try:
            return last.replace(year=year)
        except ValueError:  # 29 February
            return date(year, 3, 1)


def _ground(entry: data_files.Entry) -> Ground:
    ground = Ground(
        entry.text("code"),
        entry.text("title_id"),
        entry.text("title_en"),
        entry.texts("bases"),
        entry.flag("confirmed"),
        entry.text("source"),
    )
    entry.done()
    if not ground.bases or not set(ground.bases) <= set(legal_bases.bases()):
        raise entry.broken("bases: none, or not of the agreement")
    return ground


def _hold(entry: data_files.Entry) -> HoldReason:
    reason = HoldReason(entry.text("code"), entry.text("title_id"), entry.text("title_en"))
    entry.done()
    return reason


def _class(entry: data_files.Entry) -> RetentionClass:
    found = RetentionClass(
        entry.text("code"),
        entry.text("title_id"),
        frozenset(entry.texts("states")),
        entry.number("years"),
        entry.flag("confirmed"),
        entry.text("source"),
    )
    entry.done()
    if not found.states or found.years < 1:
        raise entry.broken("no states, or less than a year")
    return found


def _parse(
    text: str,
) -> tuple[Mapping[str, Ground], Mapping[str, HoldReason], Mapping[str, RetentionClass]]:
    found = data_files.entries(_FILE, text, "code", "ground", "hold", "class")
    classes = [_class(each) for each in found["class"]]
    by_state = [(state, each) for each in classes for state in sorted(each.states)]
    data_files.by_code(_FILE, by_state)  # a state in two classes would have two periods
    return (
        data_files.by_code(_FILE, ((each.code, each) for each in map(_ground, found["ground"]))),
        data_files.by_code(_FILE, ((each.code, each) for each in map(_hold, found["hold"]))),
        data_files.by_code(_FILE, ((each.code, each) for each in classes)),
    )


_GROUNDS, _HOLDS, _CLASSES = _parse(data_files.read(_FILE))


def grounds() -> Mapping[str, Ground]:
    """All grounds of erasure under their codes."""
    return _GROUNDS


def hold_reasons() -> Mapping[str, HoldReason]:
    """All reasons of legal holds under their codes."""
    return _HOLDS


def classes() -> Mapping[str, RetentionClass]:
    """All retention classes under their codes."""
    return _CLASSES


def class_of(state: str) -> RetentionClass | None:
    """The class of a matter whose last act left it in this state; None: it is never due by itself."""
    return next((each for each in _CLASSES.values() if state in each.states), None)


def check_ground(code: str, basis: str, on: date) -> None:
    """Whether data may be erased on this ground under this legal basis on a legal date.

    Raises:
        Unknown: the ground or the basis is not of the agreement.
        NotAllowed: the basis is not one for this ground, or not in force on that day.
    """
    if code not in _GROUNDS:
        raise Unknown(f"not a ground of erasure: one of {', '.join(_GROUNDS)}", field="ground")
    found = legal_bases.basis(basis, field="basis")
    if basis not in _GROUNDS[code].bases:
        raise NotAllowed(
            f"{basis} does not permit an erasure for {code}", field="basis", reason="NO_LEGAL_BASIS"
        )
    if not found.on(on):
        raise NotAllowed(
            f"{basis} is not in force on {on.isoformat()}", field="basis", reason="NO_LEGAL_BASIS"
        )


def check_reason(code: str) -> None:
    """Whether this is a reason of a hold.

    Raises:
        Unknown: it is not.
    """
    if code not in _HOLDS:
        raise Unknown(f"not a reason of a legal hold: one of {', '.join(_HOLDS)}", field="reason")
