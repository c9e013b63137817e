"""Output after an act: what was done, who was told of it, what comes next, and by when.

All of it is asked of the desk again (`GetOutcome`, `GetCase`, `ListActs`), so that the call that acts stays as short as it is. What
the desk does not tell is left out: the act is done.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from cli import language, refusal_output
from cli.act_limits import Limit, limits_after
from cli.deferred_imports import deferred_imports
from cli.output import as_dict, day_text, out, print_json, strip_control_characters

if TYPE_CHECKING:
    from cli.options import CommandContext

with deferred_imports():
    from google.type import date_pb2

    from agreement.parties import institutions
    from audit.packs.timeline import act_words
    from netral.exchange.v1 import acts_pb2, acts_pb2_grpc, service_pb2
    from netral.monitoring.v1 import service_pb2 as monitoring_pb2
    from netral.monitoring.v1 import service_pb2_grpc as monitoring_grpc
    from operations.local import client

_SHOWN = 12
"""A circular goes to hundreds of authorities: so many of them are named."""
_ABOUT = {"/intakes/": "intake", "/plans/": "plan", "/campaigns/": "campaign", "/indications/": "indication"}
Line = tuple[str, str]
"""A label, and what stands behind it."""


@dataclass(frozen=True)
class After:
    """Answers of the desk on an act that was done; None where it gives none."""

    outcome: "acts_pb2.ActOutcome | None"
    case: "monitoring_pb2.CaseProgress | None"
    possible: Sequence[str]
    limits: Sequence[Limit] = ()


def show(context: "CommandContext", done: "service_pb2.Act", about: str = "matter") -> None:
    """Print what an act did; `about` is what has the state that it led to."""
    after = _after(context, done)
    if context.as_json:
        print_json(as_dict(done) | _plain(after))
        return
    outcome = after.outcome
    words = f"{outcome.words} ({done.action})" if outcome else refusal_output.in_words(done.action)
    out.print(words, style="bold", markup=False, highlight=False, soft_wrap=True)
    lines: list[Line] = []
    if done.state:
        state = outcome.state_words if outcome else done.state
        about = next((word for part, word in _ABOUT.items() if part in done.matter), about)
        lines.append((_states().get(about) or language.said("state"), f"{state} ({done.state})"))
    lines += _told(outcome) if outcome else [(language.said("statement"), each) for each in done.statements]
    if after.case and after.case.holder:
        lines.append((language.said("next"), next_words(after.case)))
    lines += [(language.said("limit"), f"{words}: {written_day(day)}") for words, day in after.limits]
    lines += [(language.said("possible next"), refusal_output.in_words(each)) for each in after.possible]
    ids = (
        (language.said("matter"), done.matter),
        (language.said("case"), done.case_id),
        (language.said("record"), done.record),
    )
    print_lines([*lines, *(each for each in ids if each[1])])


def _states() -> Mapping[str, str]:
    """The label of the state of each thing that an act is about."""
    return {
        "matter": language.said("state of the matter"),
        "intake": language.said("state of the intake"),
        "hold": language.said("state of the hold"),
        "erasure": language.said("state of the erasure"),
        "disclosure": language.said("state of the disclosure"),
        "plan": language.said("state of the plan"),
        "campaign": language.said("state of the campaign"),
        "indication": language.said("state of the indication"),
    }


def print_lines(lines: Sequence[Line]) -> None:
    """Print labels with what stands behind each; the terminal wraps long lines, so that ids stay whole when they are copied."""
    width, before = max((len(label) for label, _ in lines), default=0), ""
    for label, text in lines:
        shown = "" if label == before else label
        line = strip_control_characters(f"{shown:{width}}  {text}")
        out.print(line, markup=False, highlight=False, soft_wrap=True)
        before = label


def next_words(case: "monitoring_pb2.CaseProgress") -> str:
    """Name the holder of a case, its step and the last day for it."""
    day = language.said("no day is set for it")
    if case.HasField("next_due_date"):
        day = language.said("by {day}", day=written_day(case.next_due_date))
    return f"{named(case.holder)}: {case.next_step}; {day}"


def written_day(day: "date_pb2.Date") -> str:
    """A day as it is written in the chosen language; empty if unset."""
    return language.of_both(act_words.day_words(date(day.year, day.month, day.day))) if day.year else ""


def named(id: str) -> str:
    """An institution by name, with its id."""
    known = institutions.institutions().get(id)
    return f"{known.name} ({id})" if known else id


def case_of(context: "CommandContext", matter: str) -> "monitoring_pb2.CaseProgress | None":
    """The case of a matter at the party that asks; None if the desk does not tell."""
    request = monitoring_pb2.GetCaseRequest(name=context.matter(matter))
    with suppress(client.Refused):
        found: monitoring_pb2.CaseProgress = context.ask(
            monitoring_grpc.MonitoringServiceStub, "GetCase", request
        )
        return found
    return None


def _after(context: "CommandContext", done: "service_pb2.Act") -> After:
    _, _, collection, id = (done.matter or "///").split("/")
    outcome = None
    with suppress(client.Refused):
        request = acts_pb2.GetOutcomeRequest(name=f"{context.parent}/records/{done.record}")
        outcome = context.ask(acts_pb2_grpc.ActServiceStub, "GetOutcome", request)
    case = case_of(context, id) if collection == "matters" else None
    if not id:
        return After(outcome, case, ())
    possible = refusal_output.possible_acts(context, f"{collection}/{id}")
    return After(outcome, case, possible, limits_after(context, collection, id))


def _told(outcome: "acts_pb2.ActOutcome") -> list[Line]:
    """List the statements that an act sent, the originals before the copies."""
    told = sorted(outcome.told, key=lambda each: each.copy)
    lines = [
        (
            language.said("copy to") if each.copy else language.said("told"),
            f"{named(each.recipient)}: {each.words}; {language.said('statement')} {each.statement}",
        )
        for each in told[:_SHOWN]
    ]
    if len(told) > _SHOWN:
        lines.append(("", language.said("and {count} more", count=len(told) - _SHOWN)))
    return lines


def _plain(after: After) -> dict[str, Any]:
    """Add to the act's own fields, for programs, what people read."""
    limits = [{"limit": words, "date": day_text(day)} for words, day in after.limits]
    told: dict[str, Any] = {"possible": list(after.possible), "limits": limits}
    if after.outcome is not None:
        outcome = as_dict(after.outcome)
        told |= {name: outcome[name] for name in ("words", "state_words", "told")}
    return told | plain_next(after.case)


def plain_next(case: "monitoring_pb2.CaseProgress | None") -> dict[str, Any]:
    """The next step for programs: none of it if the desk does not tell, empty if it is nobody's turn."""
    if case is None:
        return {}
    due = day_text(case.next_due_date) or None
    return {"next": {"holder": case.holder, "step": case.next_step, "due_date": due}}
