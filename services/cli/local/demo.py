"""`netral demo`: two real kinds of case, played through three services, with the evidence shown as it comes to be.

The persons are invented. Everything is done as an integrator would: gRPC calls, then reading the logs. At the end a byte is
changed in a copy of one desk's database, and the verification names the matter.
"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import typer
from google.type.date_pb2 import Date
from rich.rule import Rule

from audit.formats.leaf import Kind
from audit.verification.logs import Finding, Verified, cross_check
from cli.audit import logs as audit_commands
from cli.cooperation import campaigns, monitor
from cli.matter import matters
from cli.options import WIB, JsonOption, err, out, print_json
from exchange.reconciliation import matter_timeline as story
from exchange.statements import trust
from netral.audit.v1.service_pb2 import Leaf
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluServiceStub
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnServiceStub
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.monitoring.v1.service_pb2_grpc import MonitoringServiceStub
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.discipline_service_pb2_grpc import DisciplineServiceStub
from netral.ppk.v1.service_pb2_grpc import PpkServiceStub
from netral.prevention.v1 import service_pb2 as prevention
from netral.prevention.v1.service_pb2_grpc import (
    CampaignReadServiceStub,
    CampaignServiceStub,
    PreventionReadServiceStub,
    PreventionServiceStub,
)
from operations.local.client import Caller, Desks, Refused
from operations.local.installation import Installation, make_world
from operations.local.processes import CannotStart, Child, Supervisor, is_serving, tail
from operations.local.verify import exported, verify_party, verify_world

T = TypeVar("T")
FOLDER = Path(".netral-demo")
_MARK = "made-by-netral-demo"
_KOTIM, _BANDUNG = "ppk-6202", "ppk-3204"
_SETTLED_WITHIN = 30.0


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("demo")(demo)


def demo(
    state: Annotated[Path, typer.Option("--state", help="Folder of the demo; made anew each time.")] = FOLDER,
    as_json: JsonOption = False,
) -> None:
    """\\[rw] Play two cases through three services and NATS, verify every log, and catch a changed byte.

    Example: netral demo
    """
    started = time.monotonic()
    out.quiet = as_json
    world = _fresh(state)
    try:
        matter, caught = asyncio.run(_demo(world))
    except CannotStart as error:
        err.print(str(error), markup=False, highlight=False)
        raise typer.Exit(1) from None
    seconds = round(time.monotonic() - started, 1)
    _say(f"Done in {seconds:.0f} s.")
    if as_json:
        findings = [audit_commands.vars_of(finding) for finding in caught]
        print_json({"state": str(state), "matter": matter, "caught": findings, "seconds": seconds})


def _fresh(folder: Path) -> Installation:
    """A new world in the demo's own folder; never over a folder that the demo did not make."""
    mark = folder / _MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise typer.BadParameter(f"{folder} is not a demo's folder", param_hint="--state")
    if Installation(folder).running():
        raise typer.BadParameter(
            f"{folder} is running; `netral down --state {folder}` first", param_hint="--state"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    world = Installation(folder)
    make_world(world)
    return world


async def _demo(world: Installation) -> tuple[str, list[Finding]]:
    """Gives the first matter, and what the verification of the tampered copy found."""
    _title("A world on this machine")
    supervisor = Supervisor(world)
    await supervisor.start()
    try:
        for name, child in supervisor.children.items():
            assert child.process is not None
            _say(f"{name:8} process {child.process.pid}, {supervisor.addresses[name]}")
        counts = {name: len(parties) for name, parties in world.hosts().items()}
        _say(
            f"Parties served: bawaslu {counts['bawaslu']}, examiner {counts['kasn']}, PPK host {counts['ppk']}."
        )
        matter, findings = await asyncio.to_thread(_play_and_verify, world)
    finally:
        await supervisor.stop()
    if findings:
        raise CannotStart("the logs do not verify; this should not happen")
    caught = await _tamper(world, supervisor, matter)
    _next(world, matter)
    return matter, caught


def _play_and_verify(world: Installation) -> tuple[str, list[Finding]]:
    """The two cases and the verification, over gRPC; gives the first matter, and what the verification found."""
    desks = Desks.of(world)
    try:
        _title("1. A photo with a candidate, Kabupaten Kotawaringin Timur (62.02)")
        first = Play(desks, 1)
        first.kotawaringin_timur()
        _title("2. A recommendation to the wrong authority, and its way to the right one")
        second = Play(desks, 2)
        second.wrong_address()
        _title(
            "3. A circular to two authorities: who was told, who opened it, who acted (netral campaign coverage)"
        )
        campaigns.print_coverage(_circular(desks))
        _title("The finished timeline of case 1, from the logs of all desks")
        matters.print_story(first.story(), WIB, "WIB")
        _title("The finished timeline of case 2: the history of the wrong address is kept")
        matters.print_story(second.story(), WIB, "WIB")
        _title("How the follow-up stands, from the examiner's trail (netral monitor summary)")
        monitor.print_summary(_figures(desks))
        _title("Why the second follow-up was due when it was (netral case why-due)")
        reason = matters.reason_of(desks, Caller(_KOTIM, "auditor-1", "auditor"), second.matter)
        if reason is None:
            raise CannotStart("the log has no recommendation; this should not happen")
        matters.print_why_due(reason)
        _title("Verification: every leaf, signature, receipt and checkpoint, and log against log")
        verified = verify_world(desks, world, trust.load_parties(world.parties_file))
        findings = [finding for log in verified for finding in log.findings] + cross_check(verified)
        audit_commands.print_verified(verified, findings)
        return first.matter, findings
    finally:
        desks.close()


def _circular(desks: Desks) -> prevention.Coverage:
    """KASN asks for a roll call (apel); one of two authorities opens it and holds one. Gives the coverage once KASN knows."""
    examiner, regent = Caller("kasn", "kasn-21"), Caller(_KOTIM, "bkpsdm-6202-03")
    issue = prevention.IssueCampaignRequest(
        parent="institutions/kasn",
        kind="CIRCULAR",
        number="B-2708/KASN/11/2023",
        letter_date=_day(2023, 11, 13),
        asks=["ROLL_CALL"],
        addressees=[_KOTIM, _BANDUNG],
        request_id=str(uuid4()),
    )
    act = desks.call(CampaignServiceStub, "IssueCampaign", issue, examiner)
    campaign = act.matter.rpartition("/")[2]
    _say(
        f"KASN addresses circular {issue.number} to {_KOTIM} and {_BANDUNG}: {len(act.statements)} statements."
    )
    received = f"institutions/{_KOTIM}/campaigns/{campaign}"
    reading = prevention.GetReceivedCampaignRequest(name=received)
    _once(lambda: desks.call(PreventionReadServiceStub, "GetReceivedCampaign", reading, regent).state)
    opening = prevention.OpenCampaignRequest(name=received, request_id=str(uuid4()))
    desks.call(PreventionServiceStub, "OpenCampaign", opening, regent)
    report = prevention.ReportActRequest(
        parent=f"institutions/{_KOTIM}",
        act="ROLL_CALL",
        campaign=received,
        act_date=_day(2023, 11, 20),
        people=480,
        request_id=str(uuid4()),
    )
    desks.call(PreventionServiceStub, "ReportAct", report, regent)
    _say(f"{_KOTIM} opens it and reports a roll call of 480.")
    asked = prevention.GetCoverageRequest(name=f"institutions/kasn/campaigns/{campaign}")

    def known() -> prevention.Coverage | None:
        found: prevention.Coverage = desks.call(CampaignReadServiceStub, "GetCoverage", asked, examiner)
        figures = {figure.id: figure.n for figure in found.figures}
        return found if figures["TOLD"] == 2 and figures["ACTED"] == 1 else None

    return _once(known)


def _once(answer: Callable[[], T | None]) -> T:
    """What `answer` gives as soon as it gives something; a refusal is "not yet"."""
    deadline = time.monotonic() + _SETTLED_WITHIN
    while True:
        with suppress(Refused):
            if found := answer():
                return found
        if time.monotonic() > deadline:
            raise CannotStart("what was sent is not known after 30 s; this should not happen")
        time.sleep(0.02)


def _figures(desks: Desks) -> monitoring.Summary:
    """The examiner's figures, as soon as they know the end of both cases."""
    request = monitoring.GetSummaryRequest(parent="institutions/kasn")

    def known() -> monitoring.Summary | None:
        caller = Caller("kasn", "kasn-21")
        found: monitoring.Summary = desks.call(MonitoringServiceStub, "GetSummary", request, caller)
        ended = sum(count.count for count in found.flow if count.key == "CONFORMS")
        return found if ended == 2 else None

    return _once(known)


# --- the cases ----------------------------------------------------------------------------------------------------


@dataclass
class Play:
    """One matter, played call by call, each with its evidence."""

    desks: Desks
    number: int
    matter: str = ""
    parties: list[str] = field(default_factory=lambda: ["bawaslu", "kasn"])
    steps: int = 0

    def kotawaringin_timur(self) -> None:
        """A photo with a candidate; the regent sanctions, the follow-up is verified (SKB 2022, discipline no. 7)."""
        person = person_pb2.Person(
            full_name="Tokoh Rekaan Satu",
            employment=person_pb2.EMPLOYMENT_PNS,
            nip="198805122011012003",
            position="Pengelola Kepegawaian",
            grade="III/b",
            unit="Dinas Rekaan Kab. Kotawaringin Timur",
        )
        self._refer(person, "62.02", _KOTIM, "Unggahan foto bersama calon dengan isyarat angka.")
        self._recommend(_KOTIM, "R-4012/KASN/11/2023")
        self._receive(_KOTIM, "800/2301/AGENDA")
        self._conclude(_KOTIM)

    def wrong_address(self) -> None:
        """The person does not work for Kab. Bandung: rejected with the reason, re-addressed, history kept."""
        person = person_pb2.Person(
            full_name="Tokoh Rekaan Dua",
            employment=person_pb2.EMPLOYMENT_PNS,
            nip="199011232015042006",
            position="Guru Ahli Muda",
            grade="III/c",
            unit="SD Rekaan Kab. Kotawaringin Timur",
        )
        self._refer(person, "62.02", _BANDUNG, "Unggahan foto bersama calon dengan isyarat angka.")
        self._recommend(_BANDUNG, "R-4013/KASN/11/2023", rule="follow-up-working")
        self._at_ppk(_BANDUNG, "Kab. Bandung opens it", "OpenRecommendation", ppk.OpenRecommendationRequest())
        self._at_ppk(
            _BANDUNG,
            "Kab. Bandung rejects it: not our employee (bukan pegawai kami)",
            "RejectRecommendation",
            ppk.RejectRecommendationRequest(
                reason=ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE,
                remarks="Tidak terdaftar pada SIMPEG Kab. Bandung.",
            ),
        )
        self._recommend(_KOTIM, "R-4027/KASN/11/2023", again=True, rule="follow-up-working")
        self._receive(_KOTIM, "800/2302/AGENDA")
        self._conclude(_KOTIM)

    def _refer(self, person: person_pb2.Person, region: str, employer: str, what: str) -> None:
        b, n = BawasluServiceStub, self.number
        register = bawaslu.RegisterMatterRequest(
            parent="institutions/bawaslu",
            origin=bawaslu_events.ORIGIN_REPORT,
            number=f"{n:03d}/LP/PL/Kab/21.07/XI/2023",
            region=region,
            event_date=_day(2023, 11, 15),
            known_date=_day(2023, 11, 16),
            employer=employer,
            person=person,
            reporter="Pelapor Rekaan",
            description=what,
        )
        self._step("bawaslu", "Bawaslu registers the report (laporan)", b, "RegisterMatter", register)
        study = bawaslu.ConcludeStudyRequest(
            study_number=f"{n:03d}/KAJIAN/KAB-KOTIM/XI/2023",
            study_date=_day(2023, 11, 20),
            conclusion=bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION,
            suspected_acts=["2022-DSB7"],
            study_digest=sha256(f"kajian {n}".encode()).digest(),
        )
        self._step("bawaslu", "Bawaslu concludes its study (kajian)", b, "ConcludeStudy", study)
        refer = bawaslu.ReferMatterRequest(
            letter_number=f"{100 + n}/PP.00.02/K.KT-10/11/2023",
            letter_date=_day(2023, 11, 21),
            evidence_digests=[sha256(f"foto {n}".encode()).digest()],
        )
        self._step("bawaslu", "Bawaslu refers it to the examiner (penerusan)", b, "ReferMatter", refer)
        accept = kasn.AcceptReferralRequest(register_number=f"P-2023-{117 + n}")
        self._step(
            "kasn", "KASN accepts the referral and examines it", KasnServiceStub, "AcceptReferral", accept
        )

    def _recommend(self, to: str, letter: str, *, again: bool = False, rule: str = "follow-up") -> None:
        request = kasn.RecommendRequest(
            letter_number=letter,
            letter_date=_day(2023, 11, 28),
            addressee=to,
            act="2022-DSB7",
            family="DISCIPLINE",
            sanction_class="DISCIPLINE_SEVERE",
            reasons="Terbukti mengunggah foto bersama calon dengan simbol keberpihakan.",
            due_rule=rule,
        )
        what = "re-addresses the recommendation" if again else "recommends a sanction (rekomendasi)"
        self._step("kasn", f"KASN {what}: {letter} to {to}", KasnServiceStub, "Recommend", request)

    def _receive(self, party: str, register_number: str) -> None:
        self._at_ppk(
            party, "The regent's office opens it", "OpenRecommendation", ppk.OpenRecommendationRequest()
        )
        self._at_ppk(
            party,
            f"It confirms receipt under {register_number} (nomor agenda)",
            "AcknowledgeRecommendation",
            ppk.AcknowledgeRecommendationRequest(register_number=register_number),
        )

    def _examine(self, party: str) -> None:
        """What a severe sanction needs (PP 94/2021): a team, a summons, minutes."""
        n = self.number
        team = discipline.FormTeamRequest(
            decree_number=f"800/{395 + n}/BKPSDM-TIM/2023",
            decree_date=_day(2023, 11, 29),
            decree_digest=sha256(f"tim {n}".encode()).digest(),
            units=[steps.TEAM_UNIT_SUPERIOR, steps.TEAM_UNIT_OVERSIGHT, steps.TEAM_UNIT_PERSONNEL],
            remarks="Tiga anggota rekaan.",
        )
        self._procedure(party, "It forms the examination team (tim pemeriksa)", "FormTeam", team)
        summons = discipline.SummonRequest(
            letter_number=f"800/{401 + n}/BKPSDM-PGL/2023",
            letter_date=_day(2023, 11, 29),
            examination_date=_day(2023, 12, 6),
        )
        self._procedure(party, "It summons the person (panggilan I)", "Summon", summons)
        minutes = discipline.RecordExaminationRequest(
            examination_date=_day(2023, 12, 6),
            minutes_digest=sha256(f"bap {n}".encode()).digest(),
            signature=steps.MINUTES_SIGNATURE_REFUSED,
            mode=steps.EXAMINATION_MODE_IN_PERSON,
        )
        self._procedure(
            party,
            "It examines the person, who does not sign the minutes (BAP)",
            "RecordExamination",
            minutes,
        )

    def _conclude(self, party: str) -> None:
        self._examine(party)
        n = self.number
        decree = f"800/{411 + n}/BKPSDM/2023"
        self._at_ppk(
            party,
            f"The regent as PPK imposes a sanction by decree {decree}",
            "ImposeSanction",
            ppk.ImposeSanctionRequest(
                decree_number=decree, decree_date=_day(2023, 12, 11), sanction="PP94-8-4-A"
            ),
        )
        self._at_ppk(
            party,
            "The PPK reports its follow-up (tindak lanjut)",
            "ReportFollowUp",
            ppk.ReportFollowUpRequest(
                kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
                letter_number=f"800/{415 + n}/BKPSDM-TL/2023",
                letter_date=_day(2023, 12, 12),
                decree_digest=sha256(decree.encode()).digest(),
            ),
        )
        verify = kasn.VerifyFollowUpRequest(
            status=kasn_events.VERIFICATION_STATUS_CONFORMS, verified_date=_day(2023, 12, 20)
        )
        self._step(
            "kasn",
            "KASN verifies the follow-up: conforms (sesuai)",
            KasnServiceStub,
            "VerifyFollowUp",
            verify,
        )
        seen = matters.get_matter(self.desks, Caller("bawaslu", "bawaslu-kotim-07"), self.matter)
        _say(f"   Bawaslu sees the outcome: [bold]{seen.state}[/bold], verification {seen.verification}.")

    def _procedure(self, party: str, what: str, method: str, request: Any) -> None:
        self._step(party, what, DisciplineServiceStub, method, request)

    def _at_ppk(self, party: str, what: str, method: str, request: Any) -> None:
        self._step(party, what, PpkServiceStub, method, request)

    def _step(self, party: str, what: str, stub: Any, method: str, request: Any) -> None:
        """One call, and the evidence that it leaves at both ends."""
        officer = {"bawaslu": "bawaslu-kotim-07", "kasn": "kasn-21"}.get(party, f"bkpsdm-{party[4:]}-03")
        if hasattr(request, "name"):
            request.name = f"institutions/{party}/matters/{self.matter}"
        request.request_id = str(uuid4())
        act = self.desks.call(stub, method, request, Caller(party, officer))
        self.matter = self.matter or act.matter.rpartition("/")[2]
        self.parties = list(dict.fromkeys([*self.parties, party, getattr(request, "addressee", "") or party]))
        self.steps += 1
        _say(f"{self.steps:2}. {what} → [bold]{act.state}[/bold]")
        for sent in self._settled(act.statements):
            _say(f"    {_evidence(sent)}")

    def _settled(self, statements: Sequence[str]) -> list[story.Sent]:
        """The statements, as soon as both ends keep the receipt of their outcome."""

        def known() -> list[story.Sent] | None:
            found = [sent for act in self.story() for sent in act.sent if sent.id in statements]
            kept = all(
                sent.outcome and {sent.sender, sent.recipient} <= set(sent.receipt_kept_by) for sent in found
            )
            return found if kept and len(found) == len(statements) else None

        return _once(known) if statements else []

    def story(self) -> list[story.Act]:
        """What the logs of all parties tell, those who got copies among them."""
        logs = {party: self._log(party) for party in self.parties}
        logs |= {party: self._log(party) for party in story.recipients(logs) - logs.keys()}
        return story.tell(logs)

    def _log(self, party: str) -> list[Leaf]:
        caller = Caller(party, "auditor-1", "auditor")
        return matters.leaves_of(self.desks, caller, self.matter)


def _evidence(sent: story.Sent) -> str:
    type = sent.type.removeprefix("netral.").removesuffix(".v1")
    copy = " (tembusan)" if sent.copy else ""
    return (
        f"[dim]{type}{copy} → {sent.recipient} no. {sent.sequence}, signed by {sent.sender} key {sent.keyid[:8]}; "
        f"{sent.outcome} signed by {sent.recipient} key {sent.receipt_keyid[:8]}, "
        f"kept by {' and '.join(sorted(sent.receipt_kept_by))}[/dim]"
    )


# --- tampering ----------------------------------------------------------------------------------------------------


async def _tamper(world: Installation, supervisor: Supervisor, matter: str) -> list[Finding]:
    """Change one byte in a copy of the examiner's database, serve the copy, verify what it shows."""
    _title("Tampering: one byte, in a copy of the examiner's database")
    copy = world.folder / "tampered"
    shutil.copytree(world.host("kasn"), copy)
    database = copy / "kasn.sqlite"
    child, address = _read_only_copy(supervisor, copy)
    async with _running(child, address):
        desks = Desks({"kasn": address}, "kasn")
        body = await asyncio.to_thread(_recommendation, desks, matter)
        desks.close()
    offset = _flip(database, body)
    _say(f"{database}: byte {offset}, inside the recommendation that KASN signed, is changed by one bit.")
    async with _running(child, address):
        desks = Desks({"kasn": address}, "kasn")
        found = await asyncio.to_thread(_verify_copy, desks, world)
        desks.close()
    audit_commands.print_verified([found], found.findings)
    named = {finding.matter for finding in found.findings}
    if matter not in named:
        raise CannotStart("the changed byte was not found; this should not happen")
    _say(f"Caught: the verification names matter [bold]{matter}[/bold].")
    return found.findings


def _recommendation(desks: Desks, matter: str) -> bytes:
    """The bytes of the first recommendation on the matter, as the copy keeps them."""
    leaves = matters.leaves_of(desks, Caller("kasn", "auditor-1", "auditor"), matter)
    bodies = (
        leaf.body
        for leaf in leaves
        if leaf.body[0] == Kind.STATEMENT and leaf.type == "netral.examiner.recommended.v1"
    )
    return next(bodies)


def _verify_copy(desks: Desks, world: Installation) -> Verified:
    items = exported(desks, Caller("kasn", "auditor-1", "auditor"))
    return verify_party("kasn", items, trust.load_parties(world.parties_file))


def _flip(database: Path, body: bytes) -> int:
    """Flip one bit in the middle of a leaf's bytes in a database file; gives the byte's place."""
    content = bytearray(database.read_bytes())
    offset = content.index(body) + len(body) // 2
    content[offset] ^= 1
    database.write_bytes(content)
    return offset


def _read_only_copy(supervisor: Supervisor, folder: Path) -> tuple[Child, str]:
    """A kasn process over a copy of its folder that serves reads only: no relay, no inbox, no sequencer."""
    original = supervisor.children["kasn"]
    address = supervisor.addresses["kasn"]
    absolute = folder.absolute()
    changed = {
        "NETRAL_READ_ONLY": "1",
        "NETRAL_DATABASE_URL": f"sqlite:///{absolute}/kasn.sqlite",
        "NETRAL_VAULT_URL": f"sqlite:///{absolute}/kasn_vault.sqlite",
        "NETRAL_STATE_FOLDER": str(absolute),
    }
    environment = {**original.environment, **changed}
    log = original.log.with_name("tampered.log")
    return Child("kasn", [sys.executable, "-m", "kasn"], environment, log), address


class _running:
    """A process that serves while inside."""

    def __init__(self, child: Child, address: str) -> None:
        self._child, self._address = child, address

    async def __aenter__(self) -> None:
        with self._child.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._child.command, env={**os.environ, **self._child.environment}, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _SETTLED_WITHIN
        while not await is_serving(self._address, "kasn", service="netral.audit.v1.AuditService"):
            if self._process.returncode is not None or time.monotonic() > deadline:
                raise CannotStart(f"the copy is not served:\n{tail(self._child.log)}")
            await asyncio.sleep(0.05)

    async def __aexit__(self, *error: object) -> None:
        self._process.terminate()
        await self._process.wait()


# --- saying ------------------------------------------------------------------------------------------------------


def _next(world: Installation, matter: str) -> None:
    _title("What to try next")
    program = ".venv/bin/netral" if Path(".venv/bin/netral").exists() else "netral"
    for line in (
        f"export NETRAL_STATE={world.folder}",
        f"{program} up --detach                         # the same world again",
        f"{program} case ls --as kasn",
        f"{program} case timeline {matter}",
        f"{program} file {matter} --as {_KOTIM} --purpose handling   # personal data; the reading is recorded",
        f"{program} monitor cohort --as kasn",
        f"{program} audit recompute all --as kasn         # the same figures, folded again from the log",
        f"{program} audit search --as kasn --type netral.examiner.recommended.v1",
        f"{program} audit verify",
        f"{program} exchange parked --as kasn",
        f"{program} down",
    ):
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _title(text: str) -> None:
    out.print()
    out.print(Rule(text, align="left", style="bold"))


def _say(text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)


def _day(year: int, month: int, day: int) -> Date:
    return Date(year=year, month=month, day=day)
