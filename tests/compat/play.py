"""Story of a kept world: one statement of every type at least, all persons and letters invented.

Told in four parts, each at a time of its own: before an election-day decree moved a due date, after it, when follow-ups are
late, and when the examiner's role has passed from KASN to BKN, which recommends and reprimands.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from compat.officers import Officers
from netral.audit.v1 import service_pb2 as audit
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import intake_events_pb2 as intake_events
from netral.bawaslu.v1 import intake_pb2 as intake
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.disclosure.v1 import service_pb2 as disclosure
from netral.erasure.v1 import service_pb2 as erasure
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.oversight.v1 import service_pb2 as oversight
from netral.ppk.v1 import discipline_events_pb2 as discipline_events
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import service_pb2 as ppk
from netral.prevention.v1 import pledges_pb2 as pledges
from netral.prevention.v1 import service_pb2 as prevention
from netral.supervision.v1 import indications_pb2 as indications
from netral.supervision.v1 import plans_pb2 as plans
from support.story import Story, a_person, day

REGENCY, OTHER, PROVINCE = "ppk-6202", "ppk-3204", "prov-62"
AUTHORITIES = (REGENCY, OTHER, PROVINCE)
DIGEST = b"k" * 32
TEAM = "188.45/77/HUK/2023"
MOVED, REMINDED = "netral.examiner.due_date_moved.v1", "netral.examiner.reminded.v1"


class Case:
    """One matter, told step by step; its officers turn to whoever is the examiner."""

    def __init__(self, officers: Officers, number: int, **story: Any) -> None:
        self.officers = officers
        self.story = Story(number, person=a_person(f"Tokoh Rekaan {number}"), **story)
        self._steps: Iterator[tuple[str, str, Any]] = self.story.steps()

    @property
    def matter(self) -> str:
        return self.story.matter

    def at(self, party: str) -> str:
        """Its name at a party."""
        return f"institutions/{party}/matters/{self.matter}"

    def until(self, method: str, **other: Any) -> None:
        """Everything up to this step of the story; `other` fields of that step's request."""
        for party, step, request in self._steps:
            for field, value in other.items() if step == method else ():
                setattr(request, field, value)
            answer = self.officers.act(party, request)
            self.story.matter = self.matter or answer.matter.rpartition("/")[2]
            if step == method:
                return
        raise AssertionError(f"the story has no step {method}")

    def act(self, party: str, kind: Any, /, **fields: Any) -> Any:
        """A request of this kind about the matter."""
        return self.officers.act(party, kind(name=self.at(party), **fields))


def letter(number: str, on: str) -> dict[str, Any]:
    """Number and date of a letter."""
    return {"letter_number": number, "letter_date": day(on)}


# --- before the decree of 6 February 2024 --------------------------------------------------------------------------


def examinations(o: Officers) -> None:
    """Referrals that are completed, cleared or given back; recommendations that are corrected, withdrawn or objected to."""
    cleared = Case(o, 1)
    cleared.until("ReferMatter")
    missing = [kasn_events.COMPLETION_ITEM_GRADE]
    cleared.act(
        "kasn", kasn.RequestCompletionRequest, missing=missing, **letter("R-3001/KASN/11/2023", "2023-11-16")
    )
    completed = letter("108/PP.00.02/2023", "2023-11-17")
    cleared.act("bawaslu", bawaslu.CompleteReferralRequest, person=a_person("Tokoh Rekaan 1"), **completed)
    cleared.until("AcceptReferral")
    asked = letter("R-4001/KASN/11/2023", "2023-11-18") | {"addressee": REGENCY, "questions": "Benarkah?"}
    cleared.act("kasn", kasn.RequestClarificationRequest, **asked)
    answered = letter("800/1/KLAR", "2023-11-19") | {"answer": "Cuti."}
    cleared.act(REGENCY, ppk.AnswerClarificationRequest, **answered)
    decision = {
        "decision_number": "R-1001/KASN/11/2023",
        "decision_date": day("2023-11-20"),
        "reasons": "Tidak terbukti.",
    }
    cleared.act("kasn", kasn.DecideNotProvenRequest, **decision)

    returned = Case(o, 2)
    returned.until("ReferMatter")
    returned.act("kasn", kasn.ReturnReferralRequest, reason=kasn_events.RETURN_REASON_NO_STUDY)

    withdrawn = Case(o, 3)
    withdrawn.until("Recommend")
    correction = {"act": "2022-DSB7", "family": "DISCIPLINE", "sanction_class": "DISCIPLINE_MEDIUM"}
    correction |= letter("R-1003/KASN/11/2023", "2023-11-21") | {
        "due_date": day("2023-12-05"),
        "reasons": "Salah ketik.",
    }
    withdrawn.act("kasn", kasn.CorrectRecommendationRequest, **correction)
    withdrawal = letter("R-2003/KASN/11/2023", "2023-11-22") | {"reasons": "Bukti baru."}
    withdrawal["reason"] = kasn_events.WITHDRAWAL_REASON_NEW_EVIDENCE
    withdrawn.act("kasn", kasn.WithdrawRecommendationRequest, **withdrawal)

    objected = Case(o, 4, wrong_addressee=OTHER)
    objected.until("OpenRecommendation")
    objected.until("OpenRecommendation")
    objection = letter("800/4/SGH", "2023-11-25") | {"reasons": "Cuti."}
    objected.act(REGENCY, ppk.ObjectToRecommendationRequest, **objection)
    answer = letter("R-1004/KASN/11/2023", "2023-11-27") | {"reasons": "Tetap."}
    objected.act("kasn", kasn.AnswerObjectionRequest, answer=kasn.OBJECTION_ANSWER_MAINTAIN, **answer)


def whole_case(o: Officers) -> Case:
    """A matter to its end: copies opened, the authority warned, the data blocked and unblocked, documents disclosed."""
    case = Case(o, 5)
    case.until("Recommend")
    for overseer in ("bkn", "kemendagri", PROVINCE):
        case.act(overseer, oversight.OpenCopyRequest)
    case.act("kemendagri", oversight.WarnAuthorityRequest, **letter("800/2344/IJ", "2023-12-18"))
    block = {"act_number": "26/BLK/2023", "act_date": day("2023-12-22"), "office": "KANREG-VIII"}
    case.act("bkn", oversight.BlockDataRequest, reason="WARNING_UNHEEDED", **block)
    case.until("ReportFollowUp")
    disclosures(case)
    case.until("VerifyFollowUp")
    lifted = {"act_number": "8/BKA/2024", "act_date": day("2024-01-12"), "office": "KANREG-VIII"}
    case.act("bkn", oversight.UnblockDataRequest, reason="FOLLOWED_UP", **lifted)
    return case


def appeal(o: Officers) -> None:
    """A sanction that was delivered, and against which the person appeals."""
    case = Case(o, 6)
    case.until("ReportFollowUp")
    in_person = discipline_events.DELIVERY_WAY_IN_PERSON
    case.act(REGENCY, discipline.DeliverDecisionRequest, delivered_date=day("2023-12-13"), way=in_person)
    filed = letter("1/KEB/2023", "2023-12-20") | {"kind": discipline_events.APPEAL_KIND_OBJECTION}
    case.act(REGENCY, discipline.FileAppealRequest, **filed)


def annulled(o: Officers) -> None:
    """A criminal track beside discipline; released from duty, the decree corrected, then annulled by BKN."""
    case = Case(o, 11)
    case.until("ReferMatter")
    forwarded = letter("11/PP.01/GAKKUMDU/2023", "2023-11-15") | {"police_number": "LP/B/11/XI/2023"}
    forwarded |= {
        "received_date": day("2023-11-16"),
        "offences": ["UU7-2017-494"],
        "minutes_digest": DIGEST,
    }
    case.act("bawaslu", bawaslu.ForwardOffenceRequest, **forwarded)
    stopped = {"document_number": "SP3/11/XI/2023", "step_date": day("2023-11-30")}
    stopped["step"] = bawaslu_events.OFFENCE_STEP_STOPPED
    case.act("bawaslu", bawaslu.RecordOffenceStepRequest, **stopped)
    case.until("RecordExamination")
    release = {"decree_number": "800/11/BEBAS", "decree_date": day("2023-12-06")}
    case.act(REGENCY, discipline.ReleaseFromDutyRequest, start_date=day("2023-12-07"), **release)
    case.until("ImposeSanction")
    case.act(REGENCY, discipline.CorrectDecreeRequest, decree_number="800/111/BKPSDM", remarks="Salah ketik.")
    case.until("VerifyFollowUp")
    act = {"act_number": "9/BATAL/2024", "act_date": day("2024-01-12"), "reason": "AUDIT_UNHEEDED"}
    act |= {"decree_number": "800/111/BKPSDM", "coordination_number": "B/12/M.SM.00.00/2024"}
    case.act("bkn", oversight.AnnulDecreeRequest, **act)


def disclosures(case: Case) -> None:
    """Every role asks for something and gets it, and every holder refuses something."""
    attach(case, "bawaslu", "EVIDENCE")
    attach(case, "kasn", "RECOMMENDATION")
    attach(case, REGENCY, "DECREE")
    disclosed(case, "kasn", "bawaslu", "evidence", "EXAMINATION")
    disclosed(case, "bawaslu", "kasn", "recommendation", "MONITORING")
    disclosed(case, "kemendagri", "kasn", "recommendation", "WARNING", basis="pp-12-2017", facts={})
    disclosed(case, "bkn", REGENCY, "decree", "BLOCKING")
    for asker, holder, purpose in ((REGENCY, "bkn", "DISCIPLINE"), ("kasn", REGENCY, "EXAMINATION")):
        disclosed(case, asker, holder, "personnel_record", purpose, facts={"grade": "III/c"})
        refused(case, asker, holder, "personnel_record", purpose)
    refused(case, "kasn", "bawaslu", "evidence", "MONITORING")
    refused(case, "bawaslu", "kasn", "recommendation", "EXAMINATION")


def attach(case: Case, party: str, kind: str) -> str:
    """A document is attached to the matter; gives its SHA-256 (hex)."""
    content = b"%PDF-1.7\n" + f"Dokumen rekaan: {kind}\n".encode() * 20
    header = disclosure.UploadHeader(
        name=case.at(party),
        kind=kind,
        size=len(content),
        media_type="application/pdf",
        digest=sha256(content).digest(),
        file_name="rekaan.pdf",
        request_id=case.story._id(f"attach-{kind}"),
    )
    parts: list[dict[str, Any]] = [{"header": header}, {"data": content}]
    case.officers.send(party, [disclosure.UploadDocumentRequest(**part) for part in parts])
    return header.digest.hex()


def asked(
    case: Case, asker: str, holder: str, data: str, purpose: str, *, basis: str = "skb-2022"
) -> tuple[str, str]:
    """A request for data; gives the disclosure's names at asker and holder."""
    request = disclosure.RequestDisclosureRequest(
        name=case.at(asker),
        holder=holder,
        data=data,
        purpose=purpose,
        legal_basis=basis,
        authority="head-1",
        fields=["grade"] if data == "personnel_record" else [],
    )
    (id,) = case.officers.act(asker, request).statements
    return f"institutions/{asker}/disclosures/{id}", f"institutions/{holder}/disclosures/{id}"


def becomes(o: Officers, name: str, *states: str) -> None:
    """Wait until a disclosure is in one of these states."""
    request = disclosure.GetDisclosureRequest(name=name)
    o.until(lambda: o.ask(name.split("/")[1], request).state in states, f"{name} becomes {states}")
    o.settle()


def disclosed(
    case: Case,
    asker: str,
    holder: str,
    *what: str,
    basis: str = "skb-2022",
    facts: dict[str, str] | None = None,
) -> None:
    """Asked for, granted and received: facts travel with the grant, documents are fetched. `facts`: an officer grants it."""
    o = case.officers
    here, there = asked(case, asker, holder, what[0], what[1], basis=basis)
    if facts is not None:
        given = [person_pb2.PersonnelFact(field=field, value=value) for field, value in facts.items()]
        o.act(holder, disclosure.GrantDisclosureRequest(name=there, facts=given))
    if not facts:
        becomes(o, here, "GRANTED")
        o.act(asker, disclosure.FetchDisclosureRequest(name=here))
    becomes(o, here, "RECEIVED")


def refused(case: Case, asker: str, holder: str, data: str, purpose: str) -> None:
    """Asked for and refused: by an officer, or, for a purpose that is not covered, by the holder's policy."""
    here, there = asked(case, asker, holder, data, purpose)
    if data == "personnel_record":
        other = disclosure.RefuseDisclosureRequest(name=there, remarks="Belum.")
        other.reason = (
            disclosure.RefuseDisclosureRequest.DESCRIPTOR.fields_by_name["reason"].enum_type.values[-1].number
        )
        case.officers.act(holder, other)
    becomes(case.officers, here, "REFUSED")


def prevention_and_supervision(o: Officers) -> str:
    """Circulars of both, pledges, a joint plan of each, and what an authority's team saw; gives the indication."""
    for party in ("kasn", "bawaslu"):
        circular(o, party)
        other = {"kasn": "bawaslu", "bawaslu": "kasn"}[party]
        plan = plans.ProposePlanRequest(
            parent=f"institutions/{party}",
            number=f"3/PWB/{party}",
            start_date=day("2023-11-01"),
            end_date=day("2023-12-31"),
            regions=["62"],
            acts=["2022-DSB7"],
            document_digest=DIGEST,
        )
        id = o.act(party, plan).matter.rpartition("/")[2]
        name = f"institutions/{other}/plans/{id}"
        agreed = plans.AgreePlanRequest(
            name=name, letter_number=f"4/PWB/{other}", agreed_date=day("2023-11-02")
        )
        o.act(other, agreed)
        note = {
            "note_date": day("2023-11-20"),
            "region": "62.02",
            "act": "2022-DSB7",
            "document_digest": DIGEST,
        }
        o.act(other, plans.AddFieldNoteRequest(name=name, **note))
    return indication(o)


def circular(o: Officers, party: str) -> None:
    """A circular that an authority opens, and answers with a task force and a list of pledges."""
    issue = prevention.IssueCampaignRequest(
        parent=f"institutions/{party}",
        kind="CIRCULAR",
        number=f"B-1/{party}/11/2023",
        letter_date=day("2023-11-01"),
        asks=["PLEDGE", "TASK_FORCE"],
        document_digest=DIGEST,
        addressees=[REGENCY],
    )
    campaign = f"institutions/{REGENCY}/campaigns/{o.act(party, issue).matter.rpartition('/')[2]}"
    o.act(REGENCY, prevention.OpenCampaignRequest(name=campaign))
    report = prevention.ReportActRequest(
        parent=f"institutions/{REGENCY}",
        act="TASK_FORCE",
        campaign=campaign,
        number=f"188.45/12/{party}",
        act_date=day("2023-11-03"),
        document_digest=DIGEST,
        people=9,
    )
    o.act(REGENCY, report)
    rows = b"nip;status;unit;tanggal\n199001012015041007;PNS;OPD-01;2023-11-13\n"
    listed = pledges.ImportPledgesRequest(
        parent=f"institutions/{REGENCY}", campaign=campaign, data=rows, complete=True
    )
    listed.request_id = Story(len(party))._id(f"pledges-{party}")
    o.send(REGENCY, [listed])


def indication(o: Officers) -> str:
    """An authority's team sees something and passes it to Bawaslu, which closes it; gives its id."""
    team = {"act": "INTERNAL_TEAM", "number": TEAM, "act_date": day("2023-10-02"), "people": 7}
    parent = f"institutions/{REGENCY}"
    o.act(REGENCY, prevention.ReportActRequest(parent=parent, document_digest=DIGEST, **team))
    seen = indications.RecordIndicationRequest(
        parent=parent,
        team_number=TEAM,
        act="2022-DSB7",
        channel="SOCIAL_MEDIA",
        region="62.02",
        seen_date=day("2024-01-29"),
        material=[indications.Material(link="https://contoh.invalid/1", digest=DIGEST)],
        person=a_person(),
        remarks="Foto dengan isyarat jari.",
    )
    name = o.act(REGENCY, seen).matter
    passed = letter("700/12/REGU/2024", "2024-01-30") | {
        "office": "Kab/27.09",
        "remarks": "Mohon ditelusuri.",
    }
    o.act(
        REGENCY,
        indications.PassIndicationRequest(name=name, election=intake_events.ELECTION_PEMILU, **passed),
    )
    id = str(name).rpartition("/")[2]
    closed = {"reason": "NO_INDICATION", "closed_date": day("2024-02-01")}
    o.act("bawaslu", intake.CloseInformationRequest(name=f"institutions/bawaslu/intakes/{id}", **closed))
    return id


def figures(o: Officers) -> None:
    """Supervisor and examiner state a figure to each other, and agree."""
    for party, other in (("bawaslu", "kasn"), ("kasn", "bawaslu")):
        request = monitoring.StateFiguresRequest(
            parent=f"institutions/{party}",
            recipient=other,
            figure="follow-up-rate",
            start_date=day("2023-01-01"),
            end_date=day("2024-01-01"),
        )
        (id,) = o.act(party, request).statements
        o.act(other, monitoring.AgreeFiguresRequest(name=f"institutions/{other}/figures/{id}"))


def before_the_decree(o: Officers) -> dict[str, Case]:
    """Gives the matters that go on later, by what becomes of them."""
    examinations(o)
    appeal(o)
    annulled(o)
    erased = whole_case(o)
    figures(o)
    late = Case(o, 7)
    late.until("AcceptReferral")
    recommended = {"addressee": REGENCY, "act": "2022-DSB7", "family": "DISCIPLINE", "reasons": "Terbukti."}
    recommended |= letter("R-1007/KASN/1/2024", "2024-01-31") | {"sanction_class": "DISCIPLINE_SEVERE"}
    late.act("kasn", kasn.RecommendRequest, due_rule="follow-up-working", **recommended)
    waiting, asked_late, going_on = Case(o, 8), Case(o, 9), Case(o, 10)
    waiting.until("ReferMatter")
    asked_late.until("AcceptReferral")
    question = letter("R-4009/KASN/11/2023", "2023-11-18") | {"addressee": REGENCY, "questions": "Benarkah?"}
    asked_late.act("kasn", kasn.RequestClarificationRequest, **question)
    going_on.until("AcknowledgeRecommendation")
    attach(going_on, "bawaslu", "EVIDENCE")
    disclosed(going_on, "kasn", "bawaslu", "evidence", "EXAMINATION")
    return {"erased": erased, "late": late, "waiting": waiting, "asked": asked_late, "open": going_on}


# --- after the decree ----------------------------------------------------------------------------------------------


def the_clock_goes(o: Officers, cases: dict[str, Case]) -> None:
    """The decree moves a due date, and the clock reminds of a follow-up that was late before."""
    o.until(lambda: said(o, "kasn", MOVED, cases["late"]), "the decree moves a due date")
    o.until(lambda: said(o, "kasn", REMINDED, cases["open"]), "the clock reminds")
    o.settle()


# --- when follow-ups are late --------------------------------------------------------------------------------------


def receipt_of(case: Case, party: str) -> bytes:
    """SHA-256 of a receipt on the matter in a party's log."""
    request = audit.ListLeavesRequest(parent=f"institutions/{party}", matter=case.matter, page_size=1000)
    leaves = case.officers.ask(party, request, role="auditor").leaves
    body = next(bytes(leaf.body) for leaf in leaves if leaf.type.startswith("receipt."))
    return sha256(body[1:]).digest()


def silence(case: Case, claims: Any, claimant: str, refutes: Any, silent: str) -> None:
    """One claims that the other is silent, who refutes it with a receipt."""
    case.act(claimant, claims)
    case.act(silent, refutes, receipt_digest=receipt_of(case, silent))


def late_follow_ups(o: Officers, cases: dict[str, Case]) -> None:
    """Escalated to a superior, claimed to be silent, and refuted."""
    late = cases["late"]
    late.act("kasn", kasn.EscalateRequest, **letter("B-9/KASN/8/2024", "2024-08-20"))
    silence(late, kasn.ClaimSilenceRequest, "kasn", ppk.RefuteSilenceRequest, REGENCY)
    silence(cases["waiting"], bawaslu.ClaimSilenceRequest, "bawaslu", kasn.RefuteSilenceRequest, "kasn")


def said(o: Officers, party: str, type: str, case: Case) -> bool:
    """True if a party's log has a statement of this type on a matter."""
    request = audit.ListLeavesRequest(parent=f"institutions/{party}", matter=case.matter, type=type)
    return bool(o.ask(party, request, role="auditor").leaves)


def erasures(o: Officers, case: Case, indication: str) -> None:
    """Everybody holds an erasure up and lets it go; then supervisor and authority order one each, and all answer."""
    for party in ("bawaslu", "kasn", REGENCY, "bkn", "kemendagri"):
        o.act(party, erasure.PlaceHoldRequest(name=case.at(party), reason="COURT_CASE"))
        (hold,) = [
            each
            for each in o.ask(party, erasure.ListHoldsRequest(parent=f"institutions/{party}")).holds
            if each.placed_by == party
        ]
        o.act(party, erasure.LiftHoldRequest(name=hold.name))
    seen = f"institutions/{REGENCY}/matters/{indication}"
    for name in (case.at("bawaslu"), seen):
        party = name.split("/")[1]
        order = erasure.OrderErasureRequest(name=name, basis="uu-27-2022", ground="SUBJECT_REQUEST")
        o.act(party, order)
        asked = erasure.GetErasureRequest(name=name)

        def is_done(party: str = party, asked: Any = asked) -> bool:
            found = o.ask(party, asked)
            return found.state == "ERASED" and all(holder.outcome for holder in found.holders)

        o.until(is_done, f"{name} is erased by all who hold it")
    o.settle()


# --- when the role has passed --------------------------------------------------------------------------------------


def a_transfer() -> kasn.TransferMattersRequest:
    """KASN hands everything that is open over to BKN."""
    return kasn.TransferMattersRequest(
        parent="institutions/kasn",
        successor="bkn",
        limit=50,
        request_id=Story()._id("transfer"),
        **letter("1/BA/KASN/9/2024", "2024-09-04"),
    )


def recommended_by_bkn(case: Case) -> None:
    """Matter that KASN had not begun to examine; the letter has BKN's ladder."""
    case.act("bkn", kasn.AcceptReferralRequest, register_number="REG-BKN-8")
    recommended = letter("R-8/BKN/9/2024", "2024-09-04") | {"addressee": REGENCY, "reasons": "Terbukti."}
    recommended |= {"act": "2022-DSB7", "family": "DISCIPLINE", "sanction_class": "DISCIPLINE_SEVERE"}
    case.act("bkn", kasn.RecommendRequest, **recommended)


def reprimanded_by_bkn(case: Case) -> None:
    """Nobody has acted, and it is overdue as soon as the clock has looked."""
    reprimand = kasn.ReprimandRequest(
        name=case.at("bkn"),
        request_id=case.story._id("reprimand"),
        **letter("812/BKN/10/2024", "2024-10-31"),
    )
    case.officers.until(lambda: bool(case.officers.act("bkn", reprimand)), "BKN reprimands")


def an_answer(case: Case) -> ppk.AnswerClarificationRequest:
    """The authority answers what KASN asked."""
    return ppk.AnswerClarificationRequest(
        name=case.at(REGENCY),
        answer="Cuti.",
        request_id=case.story._id("answer"),
        **letter("800/9/KLAR", "2023-11-19"),
    )
