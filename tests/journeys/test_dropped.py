"""An agency drops one case from its books and its log, and signs the whole log again: its counterpart names the case.

Real desks with their loops, gRPC and a real NATS. The rewritten log is sound in itself; what its party reported and receipted
before is not undone by that.
"""

import sqlite3
from pathlib import Path
from typing import Any

from audit.formats.leaf import Kind
from audit.verification.findings import AuthorKey, LogKey
from audit.verification.logs import verify_log
from exchange.reconciliation import compare
from exchange.reconciliation.view import signed_view
from netral.audit.v1 import service_pb2 as audit
from netral.audit.v1 import service_pb2_grpc as audit_grpc
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import service_pb2
from netral.exchange.v1.pairing_pb2 import PairingGap
from support import acts, desks
from support.basics import DIGEST, new_id
from support.desks import Caller, Served
from support.linked import linked
from support.nats import NatsServer
from support.waiting import HANGS, until

PAIRINGS = "/netral.exchange.v1.ExchangeReadService/ListPairings"


async def refer(served: Served, number: int) -> str:
    """Refer a matter to the examiner; gives its id."""
    registration = acts.a_registration(number=f"00{number}/LP/PL/Kab/27.09/III/2024")
    name = (await acts.done(served, "/netral.bawaslu.v1.BawasluService/RegisterMatter", registration)).matter
    await acts.done(
        served,
        "/netral.bawaslu.v1.BawasluService/ConcludeStudy",
        acts.a_study(name, study_number=f"{number}/KAJIAN/2024"),
    )
    request = bawaslu.ReferMatterRequest(
        name=name,
        letter_number=f"{number}/PM.00.02/K.KH-05",
        letter_date=acts.day(5),
        evidence_digests=[DIGEST],
        request_id=new_id(),
    )
    await acts.done(served, "/netral.bawaslu.v1.BawasluService/ReferMatter", request)
    return name.rpartition("/")[2]


async def pairing_with_examiner(supervisor: Served) -> service_pb2.Pairing:
    request = service_pb2.ListPairingsRequest(parent="institutions/bawaslu")
    answer = await supervisor.call(PAIRINGS, request, Caller("bawaslu", role="auditor"))
    assert isinstance(answer, bytes), answer
    found = service_pb2.ListPairingsResponse.FromString(answer)
    return next((each for each in found.pairings if each.peer == "bkn"), service_pb2.Pairing())


def drop(database: Path, witnessed: Path, matter: str) -> None:
    """Take a matter out of the examiner's books and log; all that is left waits to be signed anew, as if nothing had been."""
    with sqlite3.connect(database) as books:
        for rows in ("leaf", "inbox", "outbox", "matter"):
            column = "id" if rows == "matter" else "matter"
            books.execute(f"DELETE FROM {rows} WHERE party = 'bkn' AND {column} = ?", [matter])
        books.execute("DELETE FROM leaf WHERE party = 'bkn' AND kind = ?", [int(Kind.CHAINS)])
        for rows in ("leaf_index", "pending_leaf", "hash_tile", "checkpoint", "chain_page", "pairing"):
            books.execute(f"DELETE FROM {rows} WHERE party = 'bkn'")
        books.execute(
            "INSERT INTO pending_leaf (leaf_id, party) SELECT id, party FROM leaf WHERE party = 'bkn'"
        )
    witnessed.unlink()


def keys_of(served: Served) -> dict[str, AuthorKey]:
    return {
        key.keyid: AuthorKey(party.id, key.public, key.period.since, key.period.until)
        for party in served.desk.trust.parties.values()
        for key in party.signing
    }


async def test_a_case_that_was_dropped_and_signed_over_is_named_by_reports_and_receipts(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    def database(name: str) -> str:
        return f"sqlite:///{tmp_path / name}.sqlite"

    async with linked(tmp_path, nats_server.url, database, "bawaslu", "kasn", pairing_seconds=0.2) as two:
        supervisor = two["bawaslu"]
        matters = [await refer(supervisor, number) for number in (1, 2, 3)]

        async def all_heard() -> bool:
            return (await pairing_with_examiner(supervisor)).sent_heard == 3

        await until(all_heard)
        assert not (await pairing_with_examiner(supervisor)).gaps
        settings = {name: served.running.settings for name, served in two.items()}

    drop(tmp_path / "kasn.sqlite", settings["kasn"].state_folder / "witnessed" / "bkn", matters[1])

    async with (
        desks.serve("bawaslu", settings["bawaslu"]) as supervisor,
        desks.serve("kasn", settings["kasn"]) as examiner,
    ):

        async def is_named() -> bool:
            return bool((await pairing_with_examiner(supervisor)).gaps)

        await until(is_named)
        named = {
            (gap.sequence, gap.matter, gap.kind) for gap in (await pairing_with_examiner(supervisor)).gaps
        }
        assert (2, matters[1], PairingGap.KIND_WENT_BACK) in named
        assert (1, matters[0]) not in {(sequence, matter) for sequence, matter, _ in named}

        assert await own_findings(examiner) == []
        keys = keys_of(supervisor)
        views = [
            compare.open_view(await signed_view(served.desk, party, peer), keys)
            for served, party, peer in ((supervisor, "bawaslu", "bkn"), (examiner, "bkn", "bawaslu"))
        ]
        lacking = [gap for gap in compare.gaps(*views) if gap.sender == "bawaslu"]
        assert [(gap.matter, gap.kind, gap.lacking) for gap in lacking] == [
            (matters[1], compare.ACKNOWLEDGED_NOT_HELD, "bkn")
        ]


async def own_findings(examiner: Served) -> list[Any]:
    """Findings of the verification of the rewritten log alone, on its tree and its signatures."""
    stub: Any = audit_grpc.AuditServiceStub(examiner.channel)
    request = audit.ExportLogRequest(parent="institutions/bkn")
    items = [item async for item in stub.ExportLog(request, metadata=Caller("bkn").metadata, timeout=HANGS)]
    party = examiner.desk.trust.get("bkn")
    assert party is not None
    log_keys = [LogKey("netral/bkn", key.public.public_bytes_raw()) for key in party.signing]
    return verify_log("bkn", items, keys_of(examiner), log_keys).findings
