"""Way in 2: statement type → handler."""

from bawaslu.early_information import commands as informed
from bawaslu.matters import commands
from bawaslu.silence import commands as silence
from exchange.delivery.inbox.handlers import Handler
from netral.kasn.v1 import events_pb2, succession_pb2
from netral.supervision.v1 import events_pb2 as supervision_events_pb2

HANDLERS = {
    "netral.examiner.accepted.v1": Handler(events_pb2.Accepted, commands.receive),
    "netral.examiner.returned.v1": Handler(events_pb2.Returned, commands.receive),
    "netral.examiner.completion_requested.v1": Handler(events_pb2.CompletionRequested, commands.receive),
    "netral.examiner.not_proven.v1": Handler(events_pb2.NotProven, commands.receive),
    "netral.examiner.recommended.v1": Handler(events_pb2.Recommended, commands.receive),
    "netral.examiner.corrected.v1": Handler(events_pb2.Corrected, commands.receive),
    "netral.examiner.due_date_moved.v1": Handler(events_pb2.DueDateMoved, commands.receive),
    "netral.examiner.withdrawn.v1": Handler(events_pb2.Withdrawn, commands.receive),
    "netral.examiner.verified.v1": Handler(events_pb2.Verified, commands.receive),
    "netral.examiner.silence_refuted.v1": Handler(
        events_pb2.SilenceRefuted, silence.hear_refutation, silence.NEEDS
    ),
    "netral.examiner.took_over.v1": Handler(succession_pb2.TookOver, commands.hear_succession),
    "netral.personnel_authority.information_passed.v1": Handler(
        supervision_events_pb2.InformationPassed, informed.hear_passed, informed.NEEDS
    ),
}
