"""The cases of the demo, called step by step as the systems of their officers would. The persons are invented."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import uuid4

from exchange.reconciliation import matter_timeline
from netral.audit.v1.service_pb2 import Leaf
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluServiceStub
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnServiceStub
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.discipline_service_pb2_grpc import DisciplineServiceStub
from netral.ppk.v1.service_pb2_grpc import PpkServiceStub
from operations.demo.teller import Step, Teller
from operations.demo.waiting import day, once
from operations.local import matters
from operations.local.client import Caller, Desks
from operations.local.stubs import WritingRequest, WritingStub

KOTAWARINGIN_TIMUR, BANDUNG = "ppk-6202", "ppk-3204"


@dataclass
class PlayedCase:
    """One matter, played call by call, each with its evidence; `told` says whether the steps are told."""

    desks: Desks
    teller: Teller
    number: int
    matter: str = ""
    parties: list[str] = field(default_factory=lambda: ["bawaslu", "kasn"])
    steps: int = 0
    told: bool = True

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
        self._refer(person, "62.02", KOTAWARINGIN_TIMUR, "Unggahan foto bersama calon dengan isyarat angka.")
        self._recommend(KOTAWARINGIN_TIMUR, "R-4012/KASN/11/2023")
        self._receive(KOTAWARINGIN_TIMUR, "800/2301/AGENDA")
        self._conclude(KOTAWARINGIN_TIMUR)

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
        self._refer(person, "62.02", BANDUNG, "Unggahan foto bersama calon dengan isyarat angka.")
        self._recommend(BANDUNG, "R-4013/KASN/11/2023", rule="follow-up-working")
        self._at_ppk(BANDUNG, "Kab. Bandung opens it", "OpenRecommendation", ppk.OpenRecommendationRequest())
        self._at_ppk(
            BANDUNG,
            "Kab. Bandung rejects it: not our employee (bukan pegawai kami)",
            "RejectRecommendation",
            ppk.RejectRecommendationRequest(
                reason=ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE,
                remarks="Tidak terdaftar pada SIMPEG Kab. Bandung.",
            ),
        )
        self._recommend(KOTAWARINGIN_TIMUR, "R-4027/KASN/11/2023", again=True, rule="follow-up-working")
        self._receive(KOTAWARINGIN_TIMUR, "800/2302/AGENDA")
        self._conclude(KOTAWARINGIN_TIMUR)

    def left_open(self) -> None:
        """Recommended and opened, and nothing more: open when the examiner's role passes on."""
        person = person_pb2.Person(
            full_name="Tokoh Rekaan Tiga",
            employment=person_pb2.EMPLOYMENT_PNS,
            nip="198703142012012004",
            position="Penelaah Teknis",
            grade="III/b",
            unit="Badan Rekaan Kab. Kotawaringin Timur",
        )
        self._refer(person, "62.02", KOTAWARINGIN_TIMUR, "Unggahan foto bersama calon dengan isyarat angka.")
        self._recommend(KOTAWARINGIN_TIMUR, "R-4031/KASN/11/2023")
        opening = ppk.OpenRecommendationRequest()
        self._at_ppk(KOTAWARINGIN_TIMUR, "The regent's office opens it", "OpenRecommendation", opening)

    def _refer(self, person: person_pb2.Person, region: str, employer: str, what: str) -> None:
        b, n = BawasluServiceStub, self.number
        register = bawaslu.RegisterMatterRequest(
            parent="institutions/bawaslu",
            origin=bawaslu_events.ORIGIN_REPORT,
            number=f"{n:03d}/LP/PL/Kab/21.07/XI/2023",
            region=region,
            event_date=day(2023, 11, 15),
            known_date=day(2023, 11, 16),
            employer=employer,
            person=person,
            reporter="Pelapor Rekaan",
            description=what,
        )
        self._step("bawaslu", "Bawaslu registers the report (laporan)", b, "RegisterMatter", register)
        study = bawaslu.ConcludeStudyRequest(
            study_number=f"{n:03d}/KAJIAN/KAB-KOTIM/XI/2023",
            study_date=day(2023, 11, 20),
            conclusion=bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION,
            suspected_acts=["2022-DSB7"],
            study_digest=sha256(f"kajian {n}".encode()).digest(),
        )
        self._step("bawaslu", "Bawaslu concludes its study (kajian)", b, "ConcludeStudy", study)
        refer = bawaslu.ReferMatterRequest(
            letter_number=f"{100 + n}/PP.00.02/K.KT-10/11/2023",
            letter_date=day(2023, 11, 21),
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
            letter_date=day(2023, 11, 28),
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
        """The steps that a severe sanction needs (PP 94/2021): a team, a summons, minutes."""
        n = self.number
        team = discipline.FormTeamRequest(
            decree_number=f"800/{395 + n}/BKPSDM-TIM/2023",
            decree_date=day(2023, 11, 29),
            decree_digest=sha256(f"tim {n}".encode()).digest(),
            units=[steps.TEAM_UNIT_SUPERIOR, steps.TEAM_UNIT_OVERSIGHT, steps.TEAM_UNIT_PERSONNEL],
            remarks="Tiga anggota rekaan.",
        )
        self._procedure(party, "It forms the examination team (tim pemeriksa)", "FormTeam", team)
        summons = discipline.SummonRequest(
            letter_number=f"800/{401 + n}/BKPSDM-PGL/2023",
            letter_date=day(2023, 11, 29),
            examination_date=day(2023, 12, 6),
        )
        self._procedure(party, "It summons the person (panggilan I)", "Summon", summons)
        minutes = discipline.RecordExaminationRequest(
            examination_date=day(2023, 12, 6),
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
                decree_number=decree, decree_date=day(2023, 12, 11), sanction="PP94-8-4-A"
            ),
        )
        self._at_ppk(
            party,
            "The PPK reports its follow-up (tindak lanjut)",
            "ReportFollowUp",
            ppk.ReportFollowUpRequest(
                kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
                letter_number=f"800/{415 + n}/BKPSDM-TL/2023",
                letter_date=day(2023, 12, 12),
                decree_digest=sha256(decree.encode()).digest(),
            ),
        )
        verify = kasn.VerifyFollowUpRequest(
            status=kasn_events.VERIFICATION_STATUS_CONFORMS, verified_date=day(2023, 12, 20)
        )
        self._step(
            "kasn",
            "KASN verifies the follow-up: conforms (sesuai)",
            KasnServiceStub,
            "VerifyFollowUp",
            verify,
        )
        seen = matters.get_matter(self.desks, Caller("bawaslu", "bawaslu-kotim-07"), self.matter)
        self.teller.say(f"    Bawaslu sees the outcome: {seen.state}, verification {seen.verification}.")

    def _procedure(self, party: str, what: str, method: str, request: WritingRequest) -> None:
        self._step(party, what, DisciplineServiceStub, method, request)

    def _at_ppk(self, party: str, what: str, method: str, request: WritingRequest) -> None:
        self._step(party, what, PpkServiceStub, method, request)

    def _step(self, party: str, what: str, stub: WritingStub, method: str, request: WritingRequest) -> None:
        """One call, and the evidence that it leaves at both ends."""
        officer = {"bawaslu": "bawaslu-kotim-07", "kasn": "kasn-21"}.get(party, f"bkpsdm-{party[4:]}-03")
        if hasattr(request, "name"):
            request.name = f"institutions/{party}/matters/{self.matter}"
        request.request_id = str(uuid4())
        act = self.desks.call(stub, method, request, Caller(party, officer))
        self.matter = self.matter or act.matter.rpartition("/")[2]
        self.parties = list(dict.fromkeys([*self.parties, party, getattr(request, "addressee", "") or party]))
        self.steps += 1
        step = Step(self.steps, what, act.state, self._settled(act.statements))
        if self.told:
            self.teller.step(step)

    def _settled(self, statements: Sequence[str]) -> list[matter_timeline.StatementLine]:
        """The statements, as soon as both ends keep the receipt of their outcome."""

        def known() -> list[matter_timeline.StatementLine] | None:
            found = [sent for act in self.story() for sent in act.sent if sent.id in statements]
            kept = all(
                sent.outcome and {sent.sender, sent.recipient} <= set(sent.receipt_kept_by) for sent in found
            )
            return found if kept and len(found) == len(statements) else None

        return once(known) if statements else []

    def story(self) -> list[matter_timeline.Act]:
        """The timeline from the logs of all parties, those who got copies among them."""
        logs = {party: self._log(party) for party in self.parties}
        logs |= {party: self._log(party) for party in matter_timeline.recipients(logs) - logs.keys()}
        return matter_timeline.tell(logs)

    def _log(self, party: str) -> list[Leaf]:
        return matters.leaves_of(self.desks, Caller(party, "auditor-1", "auditor"), self.matter)
