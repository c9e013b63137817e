"""A look at desks that run: what each says of its own condition, and whom it has not heard of for long."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import grpc

from exchange import channels
from exchange.peer_clocks import CLOCK_SKEW
from netral.exchange.v1 import service_pb2, service_pb2_grpc
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.monitoring.v1 import service_pb2_grpc as monitoring_grpc
from operations.doctor import of_files
from operations.doctor.findings import Finding, sentences
from operations.local.client import Caller
from operations.local.installation import HOSTS, Installation, Running

_ANSWER_SECONDS = 5.0
_SKEW_SECONDS = 60
"""A clock that is off by less is nobody's trouble."""
_MINUTES = str(int(CLOCK_SKEW.total_seconds() // 60))
_OPERATOR = "netral-doctor"
_OF_ONE_CAUSE = ("DATABASE_", "NATS_", "STREAM_", "CONSUMER_")
_NOT_GRAVE = ("STANDS_STILL",)


async def of_world(state: Installation, running: Running, *, feeds: bool = True) -> list[Finding]:
    """Findings on the desks of an installation that runs; `feeds`: also on whom they have not heard of for long."""
    asked = (_of_desk(state, running, host, feeds=feeds) for host in HOSTS)
    return [finding for findings in await asyncio.gather(*asked) for finding in findings]


async def _of_desk(state: Installation, running: Running, host: str, *, feeds: bool) -> list[Finding]:
    log, parties = str(state.logs / f"{host}.log"), state.hosts()[host]
    found = await of_desk(running["addresses"][host], parties, log, feeds=feeds)
    return [of_files.of_log(state, host)] if found is None else found


async def of_desk(
    address: str, parties: Sequence[str], log: str, *, feeds: bool = True
) -> list[Finding] | None:
    """Findings on the desk at an address that serves these parties; None if it does not answer."""
    async with grpc.aio.insecure_channel(address, channels.options(address)) as channel:
        try:
            found = list(of_condition(await _condition(channel, parties[0]), log, datetime.now(UTC)))
        except grpc.aio.AioRpcError:
            return None
        if feeds:
            with contextlib.suppress(grpc.aio.AioRpcError):  # the database is away, which is found already
                found += await _silent(channel, parties)
        return found


async def _condition(channel: grpc.aio.Channel, party: str) -> service_pb2.HostCondition:
    request = service_pb2.GetHostConditionRequest(parent=f"institutions/{party}")
    stub = service_pb2_grpc.ExchangeReadServiceStub(channel)
    return await stub.GetHostCondition(
        request, metadata=Caller(party, _OPERATOR, "operator").metadata(), timeout=_ANSWER_SECONDS
    )


def of_condition(found: service_pb2.HostCondition, log: str, here: datetime) -> Iterator[Finding]:
    """Findings on what a desk says of its own condition; `here` is the clock of who asks (UTC)."""
    place = found.host
    named = set()
    for part in found.parts:
        shared = part.reason.startswith(_OF_ONE_CAUSE)
        if part.works or (shared and part.reason in named):
            continue
        named.add(part.reason)
        values = {"place": place, "part": part.name, "log": log}
        # A newer desk may have reasons that this command has no sentence for.
        code = part.reason if part.reason in sentences() else "FAILS"
        yield Finding(code, values, grave=code not in _NOT_GRAVE)
    if found.parked:
        yield Finding("PARKED", {"place": place, "count": str(found.parked)})
    for pair in found.unsettled:
        since = pair.oldest_time.ToDatetime().strftime("%Y-%m-%d %H:%M UTC")
        values = {"party": pair.party, "peer": pair.recipient, "count": str(pair.statements), "since": since}
        yield Finding("UNSETTLED", values)
    yield from _of_clocks(found, here)
    yield from of_files.of_disk(place, found.disk_free_bytes)


def _of_clocks(found: service_pb2.HostCondition, here: datetime) -> Iterator[Finding]:
    apart = (found.time.ToDatetime(tzinfo=UTC) - here).total_seconds()
    if abs(apart) > _SKEW_SECONDS:
        yield Finding("CLOCK_WRONG", {"place": found.host, "seconds": f"{apart:+.0f}", "most": _MINUTES})
    for clock in found.peer_clocks:
        if abs(clock.ahead_seconds) > _SKEW_SECONDS:
            code = "CLOCK_AHEAD" if clock.ahead_seconds > 0 else "CLOCK_BEHIND"
            seconds = str(abs(clock.ahead_seconds))
            yield Finding(
                code, {"peer": clock.peer, "place": found.host, "seconds": seconds, "most": _MINUTES}
            )


async def _silent(channel: grpc.aio.Channel, parties: Sequence[str]) -> list[Finding]:
    """Findings on peers that are silent; a desk of many parties is left out: to ask each would take long."""
    stub = monitoring_grpc.MonitoringServiceStub(channel)
    findings = []
    for party in parties if len(parties) <= 5 else ():
        request = monitoring.ListFeedsRequest(parent=f"institutions/{party}")
        metadata = Caller(party, _OPERATOR, "operator").metadata()
        answer = await stub.ListFeeds(request, metadata=metadata, timeout=_ANSWER_SECONDS)
        findings += [
            Finding("PEER_SILENT", {"peer": feed.peer, "party": party, "days": str(feed.quiet_days)})
            for feed in answer.feeds
            if feed.state == monitoring.FEED_STATE_SILENT
        ]
    return findings
