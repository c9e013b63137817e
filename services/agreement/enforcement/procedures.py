"""What the discipline procedure of a personnel authority must have, and the lawful reasons for no follow-up.

Data only (`data/procedures.toml`): what no page confirmed refuses nothing. The order of the steps is the desk's
(`ppk.discipline.domain.rules`), its limits are rules of `deadlines`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agreement import data_files
from agreement.data_files import Unknown as Unknown
from agreement.enforcement import sanctions

_FILE = "procedures.toml"


@dataclass(frozen=True)
class Procedure:
    """What has to be there before a decree of a class, for decrees from `since` on (PP 94/2021; Peraturan BKN 6/2022).

    `team`: an examination team (tim pemeriksa). `hearing`: minutes of an examination (BAP), or two absences.
    `unconfirmed`: which of team, hearing and since no public page showed.
    """

    sanction_class: str
    team: bool
    hearing: bool
    since: date
    basis: str
    source: str
    unconfirmed: tuple[str, ...]

    def requires(self, what: str, on: date) -> bool:
        """Whether a decree of that day needs the `team` or the `hearing`; never if that is unconfirmed."""
        return bool(getattr(self, what)) and what not in self.unconfirmed and on >= self.since


@dataclass(frozen=True)
class Impossibility:
    """A lawful reason why a recommendation cannot be followed up; `employee`: the findings it goes with."""

    code: str
    text: str
    employee: tuple[str, ...]
    source: str


def _parse_procedure(entry: data_files.Entry) -> Procedure:
    procedure = Procedure(
        sanction_class=entry.text("sanction_class"),
        team=entry.flag("team"),
        hearing=entry.flag("hearing"),
        since=entry.day("since"),
        basis=entry.text("basis"),
        source=entry.text("source"),
        unconfirmed=entry.texts("unconfirmed"),
    )
    entry.done()
    if procedure.sanction_class not in sanctions.classes():
        raise entry.broken("sanction_class: unknown")
    if not set(procedure.unconfirmed) <= {"team", "hearing", "since"}:
        raise entry.broken("unconfirmed: none of team, hearing, since")
    return procedure


def _parse_impossibility(entry: data_files.Entry) -> Impossibility:
    reason = Impossibility(
        entry.text("code"), entry.text("text"), entry.texts("employee"), entry.text("source")
    )
    entry.done()
    return reason


def _parse(text: str) -> tuple[Mapping[str, Procedure], Mapping[str, Impossibility]]:
    found = data_files.entries(_FILE, text, "id", "procedure", "impossibility")
    procedures = [_parse_procedure(entry) for entry in found["procedure"]]
    by_class = data_files.by_code(_FILE, ((each.sanction_class, each) for each in procedures))
    if missing := set(sanctions.classes()) - set(by_class):
        raise data_files.BrokenData(_FILE, ", ".join(sorted(missing)), "a class without a procedure")
    reasons = [_parse_impossibility(entry) for entry in found["impossibility"]]
    return (
        by_class,
        data_files.by_code(_FILE, ((each.code, each) for each in reasons)),
    )


_PROCEDURES, _IMPOSSIBILITIES = _parse(data_files.read(_FILE))


def procedures() -> Mapping[str, Procedure]:
    """The procedure of each sanction class."""
    return _PROCEDURES


def impossibility(code: str, *, field: str = "reason") -> Impossibility:
    """The lawful reason with a code such as `RETIRED`. Raises `Unknown` for what is not listed."""
    try:
        return _IMPOSSIBILITIES[code]
    except KeyError:
        raise Unknown("not in the list of lawful reasons", field=field) from None
