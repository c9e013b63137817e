"""The open matter of the demo passes from KASN to BKN, and the answer that reaches KASN too late is forwarded.

The world is restarted with a parties file in which the role has passed. While the post stands still, the regent's office still
answers KASN and KASN hands over: so the answer is late each time the demo is played.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnReadServiceStub, KasnServiceStub
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.service_pb2_grpc import PpkServiceStub
from operations.demo.cases import KOTAWARINGIN_TIMUR
from operations.demo.teller import Teller
from operations.demo.waiting import day, once
from operations.local import development_world, matters
from operations.local.client import Caller, Desks
from operations.local.installation import Installation
from operations.local.processes import NATS, CannotStart, ProcessManager

_HANDOVER, _AGENDA = "1/BA/KASN/9/2024", "800/2303/AGENDA"


def pass_role(world: Installation) -> None:
    """Let BKN be the examiner from now on, in a world that is stopped."""
    development_world.pass_role(world, "bkn", datetime.now(UTC))


def hand_over(desks: Desks, manager: ProcessManager, matter: str, teller: Teller) -> None:
    """Hand the open matter over while an answer to KASN is on its way, and tell how BKN goes on with both.

    Raises:
        CannotStart: BKN does not get them.
    """
    examiner = Caller("kasn", "kasn-21")
    with _post_stands_still(manager):
        _answer_to_kasn(desks, matter)
        transfer = kasn.TransferMattersRequest(
            parent="institutions/kasn",
            successor="bkn",
            letter_number=_HANDOVER,
            letter_date=day(2024, 9, 4),
            request_id=str(uuid4()),
        )
        desks.call(KasnServiceStub, "TransferMatters", transfer, examiner)

    def known() -> matters.Matter | None:
        found = matters.get_matter(desks, Caller("bkn", "bkn-04"), matter)
        return found if found.state == "ACKNOWLEDGED" else None

    found = once(known)
    if not isinstance(found, kasn.Matter):
        raise CannotStart("BKN shows no matter of an examiner; this should not happen")
    line = once(lambda: _handed_over(desks, examiner))
    teller.say(
        f"KASN hands it over by {_HANDOVER} (serah terima) and forwards {_AGENDA}, which the regent's office still sent to KASN;"
        f" BKN goes on: {found.state}; receipts: {line.transferred_outcome} by BKN, {line.took_over_outcome} by KASN."
    )


@contextmanager
def _post_stands_still(manager: ProcessManager) -> Iterator[None]:
    """Stop NATS for a moment: what is sent meanwhile is kept, and arrives afterwards."""
    process = manager.children[NATS].process
    if process is None:
        raise CannotStart("NATS does not run; this should not happen")
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def _answer_to_kasn(desks: Desks, matter: str) -> None:
    confirm = ppk.AcknowledgeRecommendationRequest(
        name=f"institutions/{KOTAWARINGIN_TIMUR}/matters/{matter}",
        register_number=_AGENDA,
        request_id=str(uuid4()),
    )
    caller = Caller(KOTAWARINGIN_TIMUR, "bkpsdm-6202-03")
    desks.call(PpkServiceStub, "AcknowledgeRecommendation", confirm, caller)


def _handed_over(desks: Desks, examiner: Caller) -> kasn.HandedOver | None:
    """The line of the handover list, once both receipts are here."""
    request = kasn.ListHandoverRequest(parent="institutions/kasn")
    (line,) = desks.call(KasnReadServiceStub, "ListHandover", request, examiner).matters
    found: kasn.HandedOver = line
    return found if found.transferred_outcome and found.took_over_outcome else None
