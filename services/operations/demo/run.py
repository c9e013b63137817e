"""Runs the demo: a world of its own, two cases, a circular, a succession, the verification of every log, and a changed byte.

Everything is done as an integrator would: gRPC calls, then reading the logs.
"""

import asyncio

from audit.verification.cross_check import cross_check
from audit.verification.findings import Finding
from exchange.statements import trust
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.monitoring.v1.service_pb2_grpc import MonitoringServiceStub
from operations.demo import succession
from operations.demo.campaign import circular
from operations.demo.cases import KOTAWARINGIN_TIMUR, PlayedCase
from operations.demo.tampering import tamper
from operations.demo.teller import Teller
from operations.demo.waiting import once
from operations.local import matters
from operations.local.client import Caller, Desks
from operations.local.installation import Installation
from operations.local.processes import CannotStart, ProcessManager
from operations.local.verify import verify_world


async def run(world: Installation, teller: Teller) -> tuple[str, list[Finding]]:
    """Play the demo in a new world; gives the first matter, and the findings on the tampered copy.

    Raises:
        CannotStart: a process did not start, or the demo did not end as it must.
    """
    teller.chapter("A world on this machine")
    manager = ProcessManager(world)
    await manager.start()
    try:
        _tell_processes(world, manager, teller)
        matter, left_open = await asyncio.to_thread(_play_in_kasns_time, world, teller)
    finally:
        await manager.stop()
    succession.pass_role(world)
    await manager.start()
    try:
        findings = await asyncio.to_thread(_pass_on_and_verify, world, manager, left_open, teller)
    finally:
        await manager.stop()
    if findings:
        raise CannotStart("the logs do not verify; this should not happen")
    return matter, await tamper(world, manager, teller, matter)


def _tell_processes(world: Installation, manager: ProcessManager, teller: Teller) -> None:
    running = {name: child.process.pid for name, child in manager.children.items() if child.process}
    parties = sum(len(served) for served in world.hosts().values())
    processes = ", ".join(f"{name} process {id}" for name, id in running.items())
    teller.say(f"{processes}; {parties} parties are served.")


def _play_in_kasns_time(world: Installation, teller: Teller) -> tuple[str, str]:
    """Play both cases and the circular over gRPC, and leave a third matter open; gives the first matter and the open one."""
    desks = Desks.of(world)
    try:
        first, second = _play(desks, teller)
        teller.chapter("How the follow-up stands, from the examiner's trail (netral monitor summary)")
        teller.figures(_figures(desks))
        teller.chapter("Why the second follow-up was due when it was (netral matter why-due)")
        caller = Caller(KOTAWARINGIN_TIMUR, "auditor-1", "auditor")
        reason = matters.due_date_of(desks, caller, second.matter)
        if reason is None:
            raise CannotStart("the log has no recommendation; this should not happen")
        teller.due_date(reason)
        third = PlayedCase(desks, teller, 3, told=False)
        third.left_open()
        return first.matter, third.matter
    finally:
        desks.close()


def _pass_on_and_verify(
    world: Installation, manager: ProcessManager, left_open: str, teller: Teller
) -> list[Finding]:
    """Let the open matter pass to BKN, and verify all logs; gives what was found."""
    desks = Desks.of(world)
    try:
        teller.chapter(
            "4. The examiner's role passes to BKN (SE MenPANRB 4/2024), and an open matter with it"
        )
        succession.hand_over(desks, manager, left_open, teller)
        teller.chapter("Verification: every leaf, signature, receipt and checkpoint, and log against log")
        verified = verify_world(desks, world, trust.load_parties(world.parties_file))
        findings = [finding for log in verified for finding in log.findings] + cross_check(verified)
        teller.verified(verified, findings)
        return findings
    finally:
        desks.close()


def _play(desks: Desks, teller: Teller) -> tuple[PlayedCase, PlayedCase]:
    teller.chapter("1. A photo with a candidate, Kabupaten Kotawaringin Timur (62.02)")
    first = PlayedCase(desks, teller, 1)
    first.kotawaringin_timur()
    teller.chapter("2. A recommendation to the wrong authority, and its way to the right one")
    second = PlayedCase(desks, teller, 2)
    second.wrong_address()
    teller.chapter("3. A circular to two authorities (netral campaign coverage)")
    teller.coverage(circular(desks, teller))
    teller.timeline("The finished timeline of case 1, from the logs of all desks", first.story())
    teller.timeline(
        "The finished timeline of case 2: the history of the wrong address is kept", second.story()
    )
    return first, second


def _figures(desks: Desks) -> monitoring.Summary:
    """The examiner's figures, as soon as they know the end of both cases."""
    request = monitoring.GetSummaryRequest(parent="institutions/kasn")

    def known() -> monitoring.Summary | None:
        caller = Caller("kasn", "kasn-21")
        found: monitoring.Summary = desks.call(MonitoringServiceStub, "GetSummary", request, caller)
        ended = sum(count.count for count in found.flow if count.key == "CONFORMS")
        return found if ended == 2 else None

    return once(known)
