"""The council of ethics (Majelis Kode Etik) on a matter: formed, the person's chance of defence, its decision (PP 42/2004 art. 17 to 20).

It examines as discipline does: summons and minutes are those of the procedure. A decree may rest on a council that stands in no
step here: then it names the decision, or states a reason (`ppk.recommendations.domain.rules`).
"""

from collections.abc import Sequence
from datetime import date

from agreement.enforcement import sanctions
from agreement.entities import replace
from agreement.parties import identifiers
from ppk.discipline.domain.proceedings import CouncilDecided, CouncilFormed, DefenceGiven, Procedure
from ppk.discipline.domain.rules import require
from ppk.recommendations.domain import commands, events, rules
from refusals import ActWarning, Malformed, WrongState

_MEMBERS = 3  # art. 18(1), beside chair and secretary
_ODD_ABOVE = 5  # art. 18(2)


def form(known: Procedure, said: CouncilFormed, today: date) -> CouncilFormed:
    """Name the council that sits on the matter; a standing one may be older than the recommendation. `today` is the legal date.

    Raises:
        Malformed: number, date or digest cannot be right; too few members, or an even number of many.
    """
    require(known, said)
    number = identifiers.decree_number(said.decree_number, field="decree_number")
    rules.between(None, said.decree_date, today, "decree_date")
    identifiers.sha256_hex(said.decree_digest, field="decree_digest")
    if said.members < _MEMBERS or (said.members > _ODD_ABOVE and said.members % 2 == 0):
        raise Malformed("at least 3 members, and an odd number if more than 5", field="members")
    return replace(said, decree_number=number)


def record_defence(known: Procedure, said: DefenceGiven, today: date) -> DefenceGiven:
    """Record how the person used the chance of defence. It may be given again until the council decided.

    Raises:
        WrongState: COUNCIL_REQUIRED, or the council decided already.
        Malformed: the date cannot be right.
    """
    require(known, said)
    _undecided(known)
    rules.between(_heard(known), said.defence_date, today, "defence_date")
    return said


def record_decision(known: Procedure, said: CouncilDecided, today: date) -> CouncilDecided:
    """Record what the council decided, once: it is final (art. 19(5)).

    Raises:
        WrongState: COUNCIL_REQUIRED, DEFENCE_REQUIRED; or the council decided already.
        Malformed: number, date, digest or class cannot be right.
    """
    require(known, said)
    _undecided(known)
    if not known.proceeding.defence:
        raise WrongState("the council decides after a chance of defence", reason="DEFENCE_REQUIRED")
    number = identifiers.decree_number(said.decision_number, field="decision_number")
    rules.between(known.proceeding.defence_date, said.decision_date, today, "decision_date")
    identifiers.sha256_hex(said.decision_digest, field="decision_digest")
    sanctions.family_of(said.sanction_class, field="sanction_class")
    return replace(said, decision_number=number)


def named(known: Procedure, command: commands.ImposeSanction) -> commands.ImposeSanction:
    """The command with the decision of the council that there is, if it names none.

    Raises:
        Malformed: it names another one.
    """
    number, day = known.proceeding.council_decision_number, known.proceeding.council_decision_date
    if not number or (command.council_number, command.council_date) == (number, day):
        return command
    if command.council_number:
        raise Malformed("not the decision that the council made here", field="council_number")
    return replace(command, council_number=number, council_date=day)


def other_than_recommended(known: Procedure, decided: events.Decided) -> Sequence[ActWarning]:
    """Warn of a decree in another class than the council recommended; its decision is what the authority goes by (art. 20)."""
    if known.proceeding.council_class in ("", decided.sanction_class):
        return ()
    return [
        ActWarning(
            "the sanction is {imposed}, and the council recommended {recommended}",
            reason="OTHER_CLASS_THAN_COUNCIL",
            imposed=decided.sanction_class,
            recommended=known.proceeding.council_class,
        )
    ]


def _undecided(known: Procedure) -> None:
    if not known.proceeding.council_number:
        raise WrongState("there is no council", reason="COUNCIL_REQUIRED")
    if known.proceeding.council_decision_number:
        raise WrongState("the council decided already, and its decision is final")


def _heard(known: Procedure) -> date | None:
    """The day from which on there can be a defence: that of the examination, or of the last summons that nobody came to."""
    return known.proceeding.examined_date or known.proceeding.summoned_for
