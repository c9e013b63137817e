"""A throw-away world for a drill: NATS and three hosts as processes, few parties, databases of either kind.

It remembers every answer that a host gave, so that a drill can ask at its end whether anything acknowledged was lost.
"""

import asyncio
import json
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from google.type.date_pb2 import Date
from sqlalchemy import text

from audit.verification.logs import Finding, cross_check
from exchange.settings import Settings
from exchange.statements import trust
from netral.audit.v1 import service_pb2 as audit_pb
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import intake_events_pb2 as intake_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluServiceStub
from netral.exchange.v1 import person_pb2
from netral.exchange.v1 import service_pb2 as exchange_pb
from netral.exchange.v1.service_pb2_grpc import ExchangeReadServiceStub
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnServiceStub
from netral.prevention.v1 import pledges_pb2 as pledges_pb
from netral.prevention.v1 import pledges_pb2_grpc as pledges_grpc
from netral.prevention.v1 import service_pb2 as prevention_pb
from netral.prevention.v1 import service_pb2_grpc as prevention_grpc
from netral.supervision.v1 import indications_pb2 as indications_pb
from netral.supervision.v1 import indications_pb2_grpc as indications_grpc
from netral.supervision.v1 import plans_pb2 as plans_pb
from netral.supervision.v1 import plans_pb2_grpc as plans_grpc
from operations.drills import killable_host
from operations.local.client import Caller, Desks, Refused
from operations.local.installation import HOSTS, Installation, make_world
from operations.local.processes import Supervisor, tail
from operations.local.verify import verify_world
from operations.selfcheck.check import Checked, Progress, check_host
from storage.engines import Database

AUTHORITY = "ppk-6202"
_TEAM = "188.45/77/HUK/2023"
AUTHORITIES = (AUTHORITY, "ppk-3204")
_PATIENCE = 60.0
# What a caller tries again: nobody knows whether it took effect, or what it needs is not there yet.
_AGAIN = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "NOT_FOUND", "FAILED_PRECONDITION", "UNKNOWN"}


class Failed(AssertionError):
    """The world did not hold what it promises."""


@dataclass
class DrillWorld:
    """One world in `folder`; `template` is a URL template of databases on a PostgreSQL, empty for SQLite."""

    folder: Path
    template: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    acknowledged: list[Any] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = Installation(self.folder / "world")
        make_world(self.state, authorities=AUTHORITIES)
        self._prefix = f"netral_drill_{secrets.token_hex(6)}_"
        self._cases = 0
        self.supervisor = self._supervisor()

    def _supervisor(self) -> Supervisor:
        template = self.template.replace("{name}", self._prefix + "{name}") if self.template else ""
        programs = {name: ("operations.drills.killable_host", name) for name in HOSTS}
        environment = {"NETRAL_RESEND_SECONDS": "1", **self.environment}
        return Supervisor(self.state, template, environment, programs=programs)

    # Life

    async def start(self) -> None:
        """Start everything, and wait until it is healthy."""
        self.supervisor = self._supervisor()
        await self.supervisor.start()
        self.desks = Desks.of(self.state)

    async def stop(self) -> None:
        """Stop everything that runs; the data stays."""
        if self.supervisor.children:
            await self.supervisor.stop()
            self.supervisor.children.clear()

    def order(self, host: str, **orders: Any) -> None:
        """Tell a host's victim what is to happen to it."""
        path = killable_host.orders_file(self.state.host(host))
        path.with_suffix(".draft").write_text(json.dumps(orders))
        path.with_suffix(".draft").replace(path)

    def ordered(self, host: str) -> bool:
        """Return true while an order waits to be carried out."""
        return killable_host.orders_file(self.state.host(host)).exists()

    def show(self, what: str, **facts: Any) -> None:
        """Put something into the evidence."""
        self.said.append({"what": what, **facts})

    def log_of(self, host: str, lines: int = 4) -> str:
        """The end of a host's log."""
        return tail(self.state.logs / f"{host}.log", lines)

    # Databases

    def url(self, name: str) -> str:
        """The URL of a host's database, or of its vault (`kasn_vault`)."""
        if self.template:
            return self.template.replace("{name}", self._prefix + name)
        return f"sqlite:///{self.state.host(name.removesuffix('_vault')).absolute()}/{name}.sqlite"

    @asynccontextmanager
    async def database(self, name: str) -> AsyncIterator[Database]:
        """A host's database, closed at the end."""
        database = Database(self.url(name))
        try:
            yield database
        finally:
            await database.close()

    async def make_databases(self) -> None:
        """Databases for the hosts, on PostgreSQL; SQLite makes its files itself."""
        for host in HOSTS:
            for name in (host, f"{host}_vault"):
                await self._admin(f'CREATE DATABASE "{self._prefix}{name}" TEMPLATE template0')

    async def drop_databases(self) -> None:
        """Leave nothing behind on the server."""
        if not self.template:
            return
        mine = f"SELECT datname FROM pg_database WHERE datname LIKE '{self._prefix}%'"  # noqa: S608 - our own name
        for name in await self._admin(mine):
            await self._admin(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def back_up(self, host: str) -> None:
        """Copy a host's database; the host must be stopped."""
        await self._copy(host, f"{host}_backup")

    async def restore(self, host: str) -> None:
        """Put the copy in the place of the database."""
        await self._copy(f"{host}_backup", host)

    async def rename(self, source: str, target: str) -> None:
        """Put a database aside, or back in its place."""
        await self._copy(source, target)

    def copy_of_state(self, host: str) -> Path:
        """Another state folder for the same host, as on another machine: its own lock, the same last checkpoints."""
        folder = self.folder / f"{host}-elsewhere"
        shutil.copytree(self.state.host(host) / "witnessed", folder / "witnessed")
        return folder

    async def _copy(self, source: str, target: str) -> None:
        if self.template:
            await self._admin(f'DROP DATABASE IF EXISTS "{self._prefix}{target}" WITH (FORCE)')
            await self._admin(f'CREATE DATABASE "{self._prefix}{target}" TEMPLATE "{self._prefix}{source}"')
            return
        folder = self.state.host(source.partition("_")[0])
        for ending in ("", "-wal", "-shm"):
            (folder / f"{target}.sqlite{ending}").unlink(missing_ok=True)
            file = folder / f"{source}.sqlite{ending}"
            if file.exists():
                shutil.copy(file, folder / f"{target}.sqlite{ending}")

    async def _admin(self, statement: str) -> list[Any]:
        if not self.template:
            return []
        database = Database(self.template.replace("{name}", "postgres"))
        try:
            async with database.glance() as connection:
                done = await connection.execute(text(statement))
                return list(done.scalars()) if done.returns_rows else []
        finally:
            await database.close()

    # What its officers do

    async def play_case(self, text_: str = "Foto dengan isyarat jari.") -> str:
        """A report, its study, its referral and a recommendation; gives the matter. Each call is repeated until answered."""
        n, matter = await self.register(text_)
        at = f"institutions/bawaslu/matters/{matter}"
        study = bawaslu.ConcludeStudyRequest(
            name=at,
            study_number=f"{n}/KAJIAN/2023",
            study_date=_day(14),
            conclusion=bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION,
            suspected_acts=["2022-DSB7"],
            study_digest=b"s" * 32,
        )
        await self.call("bawaslu", BawasluServiceStub, "ConcludeStudy", study)
        refer = bawaslu.ReferMatterRequest(
            name=at, letter_number=f"{n}/PP.00.02/2023", letter_date=_day(15), evidence_digests=[b"e" * 32]
        )
        await self.call("bawaslu", BawasluServiceStub, "ReferMatter", refer)
        at = f"institutions/kasn/matters/{matter}"
        accept = kasn.AcceptReferralRequest(name=at, register_number=f"REG-{n}")
        await self.call("kasn", KasnServiceStub, "AcceptReferral", accept)
        recommend = kasn.RecommendRequest(
            name=at,
            letter_number=f"R-{n}/KASN/11/2023",
            letter_date=_day(28),
            addressee=AUTHORITY,
            act="2022-DSB7",
            family="DISCIPLINE",
            sanction_class="DISCIPLINE_SEVERE",
            reasons="Terbukti berfoto dengan simbol keberpihakan.",
            due_rule="follow-up",
        )
        await self.call("kasn", KasnServiceStub, "Recommend", recommend)
        return matter

    async def register(self, description: str, patience: float = _PATIENCE) -> tuple[int, str]:
        """A report at Bawaslu; gives its number and the matter.

        Raises:
            Refused: still after `patience` seconds.
        """
        self._cases += 1
        n = self._cases
        person = person_pb2.Person(
            full_name=f"Tokoh Rekaan Latihan {n}",
            employment=person_pb2.EMPLOYMENT_PNS,
            nip="199001012015041007",
            position="Pengelola Data",
            grade="III/a",
            unit="Dinas Rekaan",
        )
        request = bawaslu.RegisterMatterRequest(
            parent="institutions/bawaslu",
            origin=bawaslu_events.ORIGIN_REPORT,
            number=f"{n:03d}/LP/PL/Kab/62.02/XI/2023",
            region="62.02",
            event_date=_day(10),
            known_date=_day(11),
            employer=AUTHORITY,
            person=person,
            reporter="Pelapor Rekaan",
            description=description,
        )
        done = await self.call("bawaslu", BawasluServiceStub, "RegisterMatter", request, patience)
        return n, str(done.matter).rpartition("/")[2]

    async def play_rooms(self) -> None:
        """A campaign, a list of pledges, what a team saw and passed on, and a joint plan: what is kept beside matters.

        Each call but the import of the list is repeated until answered.
        """
        await self._supervise_together()
        issued = await self._made(
            "bawaslu", prevention_grpc.CampaignServiceStub, "IssueCampaign", _circular()
        )
        await self.settle()
        at, prevention = f"institutions/{AUTHORITY}", prevention_grpc.PreventionServiceStub
        campaign = f"{at}/campaigns/{issued}"
        await self._made(
            AUTHORITY, prevention, "OpenCampaign", prevention_pb.OpenCampaignRequest(name=campaign)
        )
        team = prevention_pb.ReportActRequest(
            parent=at,
            act="INTERNAL_TEAM",
            number=_TEAM,
            act_date=_day(2),
            document_digest=b"t" * 32,
            people=3,
        )
        await self._made(AUTHORITY, prevention, "ReportAct", team)
        force = prevention_pb.ReportActRequest(
            parent=at,
            act="TASK_FORCE",
            number="188.45/13/HUK/2023",
            act_date=_day(3),
            document_digest=b"f" * 32,
        )
        force.campaign, force.people = campaign, 9
        await self._made(AUTHORITY, prevention, "ReportAct", force)
        await asyncio.to_thread(self._pledge, campaign)
        await self._see(at)
        await self.settle()

    async def _supervise_together(self) -> None:
        proposal = plans_pb.ProposePlanRequest(
            parent="institutions/bawaslu",
            number="3/PWB/2023",
            start_date=_day(1),
            end_date=_day(30),
            regions=["62"],
            acts=["2022-DSB7"],
            document_digest=b"p" * 32,
        )
        plan = await self._made("bawaslu", plans_grpc.PlanServiceStub, "ProposePlan", proposal)
        await self.settle()
        name = f"institutions/kasn/plans/{plan}"
        agreement = plans_pb.AgreePlanRequest(name=name, letter_number="4/PWB/2023", agreed_date=_day(2))
        await self._made("kasn", plans_grpc.PlanServiceStub, "AgreePlan", agreement)
        note = plans_pb.AddFieldNoteRequest(
            name=name, note_date=_day(20), region="62.02", act="2022-DSB7", document_digest=b"n" * 32
        )
        await self._made("kasn", plans_grpc.PlanServiceStub, "AddFieldNote", note)

    async def _see(self, at: str) -> None:
        """An indication of the authority's team, passed to Bawaslu, which tells what it does with it."""
        seen = indications_pb.RecordIndicationRequest(
            parent=at,
            team_number=_TEAM,
            act="2022-DSB7",
            channel="SOCIAL_MEDIA",
            region="62.02",
            seen_date=_day(10),
            material=[indications_pb.Material(link="https://contoh.invalid/1", digest=b"m" * 32)],
            remarks="Foto dengan isyarat jari.",
        )
        stub = indications_grpc.IndicationServiceStub
        indication = await self._made(AUTHORITY, stub, "RecordIndication", seen)
        passing = indications_pb.PassIndicationRequest(
            name=f"{at}/indications/{indication}",
            letter_number="700/12/REGU/2023",
            letter_date=_day(11),
            election=intake_events.ELECTION_PEMILU,
            office="Kab/62.02",
        )
        await self._made(AUTHORITY, stub, "PassIndication", passing)

    def _pledge(self, campaign: str) -> None:
        rows = "nip;status;unit;tanggal\n199001012015041007;PNS;OPD-01;2023-11-13\n"
        request = pledges_pb.ImportPledgesRequest(
            parent=f"institutions/{AUTHORITY}",
            request_id=str(uuid4()),
            campaign=campaign,
            data=rows.encode(),
            complete=True,
        )
        caller = Caller(AUTHORITY, "latihan-1")
        done = self.desks.send(pledges_grpc.PledgeServiceStub, "ImportPledges", iter([request]), caller)
        self.acknowledged.append(done.act)

    async def _made(self, party: str, stub: Any, method: str, request: Any) -> str:
        """The id of what a call made."""
        done = await self.call(party, stub, method, request)
        return str(done.matter).rpartition("/")[2]

    async def call(
        self, party: str, stub: Any, method: str, request: Any, patience: float = _PATIENCE
    ) -> Any:
        """One writing call, with the same request id until it is answered.

        Raises:
            Refused: for good.
        """
        request.request_id = str(uuid4())
        deadline = time.monotonic() + patience
        while True:
            try:
                done = await asyncio.to_thread(
                    self.desks.call, stub, method, request, Caller(party, "latihan-1")
                )
            except Refused as refusal:
                if refusal.code not in _AGAIN or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)
            else:
                self.acknowledged.append(done)
                return done

    async def settle(self) -> None:
        """Until nothing is on its way and every leaf has its place."""
        await self.until(self._settled, "everything is settled")

    async def _settled(self) -> bool:
        try:
            return await asyncio.to_thread(self._nothing_waits)
        except Refused:
            return False

    def _nothing_waits(self) -> bool:
        for served in self.state.hosts().values():
            for party in served:
                caller = Caller(party, "latihan-1", "auditor")
                listed = exchange_pb.ListOutboxRequest(parent=f"institutions/{party}", page_size=1)
                operator = Caller(party, "latihan-1", "operator")
                if self.desks.call(ExchangeReadServiceStub, "ListOutbox", listed, operator).statements:
                    return False
            logs = self.desks.call(
                AuditServiceStub, "ListLogs", audit_pb.ListLogsRequest(page_size=1000), caller
            )
            if any(log.pending for log in logs.checkpoints):
                return False
        return True

    async def until(self, condition: Callable[[], Any], what: str, within: float = _PATIENCE) -> None:
        """Wait for a condition.

        Raises:
            Failed: it did not come true.
        """
        deadline = time.monotonic() + within
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            if time.monotonic() > deadline:
                raise Failed(f"not so after {within:.0f} s: {what}")
            await asyncio.sleep(0.05)

    # What is so at the end

    def settings(self, host: str) -> Settings:
        """The settings of a host, for checks of its databases."""
        return Settings(
            parties_file=self.state.parties_file,
            keys_folder=self.state.keys(host),
            database_url=self.url(host),
            vault_url=self.url(f"{host}_vault"),
            state_folder=self.state.host(host),
        )

    async def fsck(self, host: str) -> Checked:
        """Check a host from the inside."""
        return await check_host(host, self.settings(host), Progress())

    def verify(self) -> list[Finding]:
        """Export every log from the running hosts and check them against each other, as an auditor would."""
        logs = verify_world(self.desks, self.state, trust.load_parties(self.state.parties_file))
        return [finding for log in logs for finding in log.findings] + cross_check(logs)

    async def check_whole(self, disputed: Collection[str] = ()) -> None:
        """Nothing acknowledged is lost, every host is whole inside, and the logs agree with each other.

        Of `disputed` matters, and only of them, something has to be found.

        Raises:
            Failed: with what is not so.
        """
        await self.settle()
        kept = await asyncio.to_thread(self._kept_records)
        lost = [done.record for done in self.acknowledged if done.record not in kept]
        findings = await asyncio.to_thread(self.verify)
        for host in HOSTS:
            findings += (await self.fsck(host)).findings
        self.show(
            "at the end",
            acknowledged=len(self.acknowledged),
            lost=len(lost),
            findings=[str(f) for f in findings],
        )
        if lost or {found.matter for found in findings} != set(disputed):
            raise Failed(f"{len(lost)} acknowledged acts lost; {findings}")

    def _kept_records(self) -> set[str]:
        found = set()
        for served in self.state.hosts().values():
            for party in served:
                request = audit_pb.ListLeavesRequest(parent=f"institutions/{party}", page_size=1000)
                caller = Caller(party, "latihan-1", "auditor")
                for page in self.desks.pages(AuditServiceStub, "ListLeaves", request, caller):
                    found |= {leaf.ref for leaf in page.leaves}
        return found


def _circular() -> prevention_pb.IssueCampaignRequest:
    return prevention_pb.IssueCampaignRequest(
        parent="institutions/bawaslu",
        kind="CIRCULAR",
        number="B-1/PM/11/2023",
        letter_date=_day(1),
        asks=["PLEDGE", "TASK_FORCE"],
        document_digest=b"c" * 32,
        all_regional=True,
    )


def _day(day: int) -> Date:
    return Date(year=2023, month=11, day=day)
