"""Commands on a recommendation that need the discipline procedure: to reject it, to decide by decree, to report the follow-up.

What the class of a decree needs is data (`agreement.enforcement.procedures`).
"""

from collections.abc import Sequence
from datetime import date

from agreement.enforcement import procedures
from ppk.discipline.domain import council
from ppk.discipline.domain.proceedings import Procedure, Proceeding
from ppk.discipline.domain.rules import Event, require
from ppk.recommendations.domain import commands, events, rules
from ppk.recommendations.domain.matter import State
from refusals import ActWarning, Malformed, WrongState


def reject(known: Procedure, command: commands.RejectRecommendation, today: date) -> events.Rejected:
    """Reject a recommendation, as the check of the employment found.

    Raises:
        WrongState: CHECK_SAYS_OTHERWISE.
    """
    rejected = rules.reject(known.matter, command)
    agree_with_check(known.proceeding, command)
    return rejected


def impose_sanction(known: Procedure, command: commands.ImposeSanction, today: date) -> events.Decided:
    """Impose a sanction by decree, with what its class needs in the procedure; it rests on what the council decided, if it did.

    Raises:
        WrongState: it needs a team or a hearing, it was imposed already, or an appeal is pending.
        Malformed: it names another decision of the council than there is.
    """
    if known.matter.state in (State.DECIDED, State.REPORTED):
        raise WrongState(
            "the sanction was imposed already, by the decree {decree}: a typing error in it is corrected, and not decided anew",
            decree=known.matter.decree_number,
        )
    decided = rules.impose_sanction(known.matter, council.named(known, command), today)
    allow_sanction(known, command, decided)
    return decided


def allow_sanction(known: Procedure, command: commands.ImposeSanction, decided: events.Decided) -> None:
    """Refuse a sanction without what the decree's class needs (`agreement.enforcement.procedures`).

    Raises:
        WrongState: TEAM_REQUIRED, HEARING_REQUIRED; or an appeal is pending.
        Malformed: the decree is older than the minutes.
    """
    require(known, command)
    done = procedures.Done(
        team=bool(known.proceeding.team_number),
        examined=known.proceeding.examined_date is not None,
        absences=known.proceeding.absences,
    )
    # Because a recommendation that does not say the employment is mostly on a PNS.
    employment = known.matter.employment or "PNS"
    missing = procedures.missing(decided.sanction_class, decided.decree_date, done, employment)
    if missing == "TEAM_REQUIRED":
        raise WrongState("this class needs an examination team", field="sanction", reason=missing)
    if known.proceeding.examined_date is not None and decided.decree_date < known.proceeding.examined_date:
        raise Malformed("before the examination", field="decree_date")
    if missing:
        raise WrongState(
            "this class needs minutes of an examination, or two absences", field="sanction", reason=missing
        )


def other_than_expected(known: Procedure, decided: Event) -> Sequence[ActWarning]:
    """Warn of a decree in another class than was recommended, or by a reading of the law that is not the chosen one."""
    if not isinstance(decided, events.Decided):
        return ()
    return [
        *rules.other_than_expected(known.matter, decided),
        *council.other_than_recommended(known, decided),
    ]


def report_follow_up(known: Procedure, command: commands.ReportFollowUp, today: date) -> events.FollowedUp:
    """Report the follow-up, as the check of the employment found.

    Raises:
        WrongState: CHECK_SAYS_OTHERWISE.
    """
    reported = rules.report_follow_up(known.matter, command, today)
    agree_with_check(known.proceeding, command)
    return reported


def agree_with_check(
    proceeding: Proceeding, command: commands.RejectRecommendation | commands.ReportFollowUp
) -> None:
    """Refuse to say of the person what the check of the employment, if there was one, found otherwise.

    Raises:
        WrongState: CHECK_SAYS_OTHERWISE.
    """
    found = proceeding.employee_status
    if isinstance(command, commands.RejectRecommendation):
        fits: tuple[str, ...] = ("NOT_OURS",) if command.reason == "NOT_OUR_EMPLOYEE" else ("MOVED",)
    elif command.kind == "CANNOT_BE_FOLLOWED_UP":
        fits = procedures.impossibility(command.reason).employee
    else:
        return
    if found and found not in fits:
        raise WrongState(
            "the check of the employment found otherwise", field="reason", reason="CHECK_SAYS_OTHERWISE"
        )
