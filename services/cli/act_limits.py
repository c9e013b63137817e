"""Time limits that run after an act, beside the next step of the case: of a discipline procedure, and of an intake.

They are counted by the desk, by the agreement's rules; here stand the words.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from cli import language
from cli.deferred_imports import deferred_imports

if TYPE_CHECKING:
    from cli.options import CommandContext

with deferred_imports():
    from google.type import date_pb2

    from agreement.clocks import deadlines
    from netral.bawaslu.v1 import intake_pb2, intake_pb2_grpc
    from netral.ppk.v1 import discipline_service_pb2 as discipline
    from netral.ppk.v1 import discipline_service_pb2_grpc as discipline_grpc
    from operations.local import client

Limit = tuple[str, "date_pb2.Date"]
"""A time limit in words, and its day."""

_OF_STAGE: Mapping[str, Sequence[tuple[str, str]]] = {
    "ABSENT": (("second_summons_due", "second-summons"),),
    "DECIDED": (("delivery_due", "decision-delivery"),),
    "DELIVERED": (("effect_date", "decision-effect"), ("appeal_due", "objection")),
}
"""The limits that run at a stage of a procedure: the field that has the day, and the rule that it is counted by."""
_SUMMONED = frozenset({"SUMMONED", "SUMMONED_AGAIN"})


def limits_after(context: "CommandContext", collection: str, id: str) -> list[Limit]:
    """The limits that run on a matter or an intake of the party; none where the desk tells of none."""
    with suppress(client.Refused):
        if collection == "intakes":
            return _of_intake(context, id)
        if collection == "matters" and context.desks.desk_of(context.party) == "ppk":
            return _of_procedure(context, id)
    return []


def _of_intake(context: "CommandContext", id: str) -> list[Limit]:
    request = intake_pb2.GetIntakeRequest(name=f"{context.parent}/intakes/{id}")
    found: intake_pb2.Intake = context.ask(intake_pb2_grpc.IntakeReadServiceStub, "GetIntake", request)
    clock = found.running_clock
    return [(_title(clock.rule), clock.due_date)] if clock.rule else []


def _of_procedure(context: "CommandContext", id: str) -> list[Limit]:
    request = discipline.GetProceedingRequest(name=context.matter(id))
    found: discipline.Proceeding = context.ask(
        discipline_grpc.DisciplineReadServiceStub, "GetProceeding", request
    )
    if found.stage in _SUMMONED:
        return [(language.said("the person is examined"), found.summoned_for)]
    limits = [(_title(rule), getattr(found, field)) for field, rule in _OF_STAGE.get(found.stage, ())]
    return [each for each in limits if each[1].year]


def _title(rule: str) -> str:
    known = deadlines.rule(rule)
    return language.of_both({"id": known.text_id, "en": known.title})
