"""Writing calls that succeed: for each, what must have happened before, and a request. Dates are of this year's past.

What another agency said arrives as it does in life: a signed statement that the desk's inbox takes.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from sqlalchemy import select
from uuid_utils import uuid7

from agreement.information import legal_bases
from audit.formats.leaf import Kind
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.delivery.inbox.process import park_failed, process_messages
from exchange.reconciliation import reports
from exchange.statements import envelope, personal_part, private_keys
from exchange.statements.protobuf_time import timestamp
from netral.audit.v1 import events_pb2 as audit_events
from netral.audit.v1 import service_pb2 as audit_service
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import person_pb2, service_pb2, statement_pb2
from netral.exchange.v1.person_pb2 import ReadFileRequest
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import events_pb2 as monitoring_events
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.oversight.v1 import service_pb2 as oversight
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from storage.types import table
from support import intakes
from support.basics import DIGEST, a_person, day, done, is_off, new_id
from support.basics import NIP as NIP
from support.desks import OVERSEER, Served

ACT, FAMILY, CLASS = "2022-DSA7", "DISCIPLINE", "DISCIPLINE_SEVERE"
EMPLOYER, REGION = "ppk-6202", "62.02"
LETTER = "R-1943/KASN/7/2020"
REFERRAL = "12/PM.00.02/K.KH-05"


# --- what others say -------------------------------------------------------------------------------------------


async def says(
    served: Served,
    sender: str,
    type: str,
    facts: Message,
    *,
    matter: str = "",
    recipient: str = "",
    part: person_pb2.PersonalPart | None = None,
    broken: bool = False,
    copy_of: str = "",
) -> str:
    """A party's statement to a desk, signed and sealed, taken by its inbox; gives its id. Parked if `broken`."""
    desk, now = served.desk, datetime.now(UTC)
    to = recipient or served.parties[0]
    folder = served.running.settings.parties_file.parent
    (pem,) = folder.glob(f"*/keys/{sender}.pem")
    keys = private_keys.read_private_keys(pem.parent, sender)
    packed = AnyMessage()
    packed.Pack(facts)
    plain = personal_part.salted(part.SerializeToString()) if part else b""
    statement = statement_pb2.Statement(
        id=str(uuid7()),
        source=f"netral://{sender}",
        type=type,
        subject=matter or str(uuid7()),
        time=timestamp(now),
        sender=sender,
        recipient=to,
        sequence=1 + len((await served.rows())["inbox"]),
        role=type.split(".")[1],
        case_id=str(uuid7()),
        legal_basis=legal_bases.default_basis(type, now.date(), sender),
        copy_of=copy_of,
        commitment=personal_part.commitment(plain) if plain else b"",
        facts=packed,
    )
    signed = envelope.sign(
        statement.SerializeToString(deterministic=True), envelope.STATEMENT, keys.signing, keys.keyid
    )
    parcel = statement_pb2.Parcel(envelope=signed)
    if plain:
        party = desk.trust.get(to)
        key = party.sealing_key(now) if party else None
        assert key is not None
        sealed = personal_part.seal(plain, key.public, envelope.read(signed).digest)
        parcel.personal.CopyFrom(
            statement_pb2.SealedPart(suite=personal_part.SUITE, key_id=key.key_id, sealed=sealed)
        )
    mail = (
        str(subjects.Subject(sender, to, subjects.STATEMENT)),
        statement_pb2.Parcels(parcels=[parcel]).SerializeToString(),
    )
    if broken:
        await park_failed(desk, *mail, RuntimeError("broken"), reports.compare)
    else:
        await process_messages(desk, served.running.handlers, [mail], reports.compare)
        (row,) = [row for row in (await served.rows())["inbox"] if statement.id in row]
        assert "TAKEN_UP" in row, row
    return statement.id


async def is_recommended(served: Served, recipient: str = "", **other: Any) -> str:
    """A recommendation arrives at a personnel authority; gives the matter's name there."""
    to, matter = recipient or served.parties[0], str(uuid7())
    facts = kasn_events.Recommended(
        letter_number=LETTER,
        letter_date=day(5),
        addressee=to,
        act=ACT,
        family=FAMILY,
        sanction_class=CLASS,
        due_date=day(-9),
        report_number="002/LP/PL/Kab/27.09/III/2024",
        region=REGION,
        event_date=day(20),
        employment=person_pb2.EMPLOYMENT_PNS,
    )
    facts.MergeFrom(kasn_events.Recommended(**other))
    part = person_pb2.PersonalPart(person=a_person(), text="Terbukti")
    type = "netral.examiner.recommended.v1"
    await says(served, "bkn", type, facts, matter=matter, recipient=to, part=part)
    return f"institutions/{to}/matters/{matter}"


async def is_copied(served: Served, recipient: str = "", **other: Any) -> str:
    """The copy (tembusan) of an overdue recommendation arrives at the desk's overseer, or another; gives the watched
    matter's name."""
    recipient = recipient or {"kasn": "bkn", "ppk": OVERSEER}[served.name]
    matter = str(uuid7())
    facts = kasn_events.Recommended(
        letter_number=LETTER,
        letter_date=day(20),
        addressee=EMPLOYER,
        act=ACT,
        family=FAMILY,
        sanction_class=CLASS,
        due_date=day(6),
        report_number="002/LP/PL/Kab/27.09/III/2024",
        region=REGION,
    )
    facts.MergeFrom(kasn_events.Recommended(**other))
    part = person_pb2.PersonalPart(person=a_person(), text="Terbukti")
    type, original = "netral.examiner.recommended.v1", str(uuid7())
    await says(served, "bkn", type, facts, matter=matter, recipient=recipient, part=part, copy_of=original)
    return f"institutions/{recipient}/matters/{matter}"


async def is_referred(
    served: Served, person: person_pb2.Person | None = None, *, with_file: bool = True
) -> str:
    """A referral arrives at the examiner, with the person's file or without; gives the matter's name there."""
    facts = bawaslu_events.Referred(
        letter_number=REFERRAL,
        letter_date=day(5),
        report_number="002/LP/PL/Kab/27.09/III/2024",
        origin=bawaslu_events.ORIGIN_REPORT,
        region=REGION,
        event_date=day(20),
        employer=EMPLOYER,
        employment=person_pb2.EMPLOYMENT_PNS,
        study_number="1/KAJIAN",
        study_digest=DIGEST,
        evidence_digests=[DIGEST],
        suspected_acts=[ACT],
        examiner=served.parties[0],
    )
    matter = str(uuid7())
    part = person_pb2.PersonalPart(person=person or a_person()) if with_file else None
    await says(served, "bawaslu", "netral.supervisor.referred.v1", facts, matter=matter, part=part)
    return f"institutions/{served.parties[0]}/matters/{matter}"


async def is_late(served: Served) -> str:
    """A recommendation that the examiner sent, and that is overdue; gives the matter's name there."""
    name = await is_examined(served)
    recommendation = a_recommendation(name, letter_date=day(9), due_date=day(3))
    await done(served, "/netral.kasn.v1.KasnService/Recommend", recommendation)
    return name


async def silence_is_claimed(served: Served) -> str:
    """A claim of silence arrives at a personnel authority that has opened the recommendation; gives the matter's name."""
    name = await is_opened(served)
    claimed = kasn_events.SilenceClaimed(
        silence=kasn_events.SILENCE_NOT_OPENED, letter_number=LETTER, due_date=day(-9), day=day()
    )
    await says(served, "bkn", "netral.examiner.silence_claimed.v1", claimed, matter=name.rsplit("/", 1)[1])
    return name


async def a_receipt_of(served: Served, name: str) -> bytes:
    """SHA-256 of a receipt on a matter in the log of its party."""
    _, party, _, matter = name.split("/")
    leaves = table(Leaf)
    query = select(leaves.c.body).where(
        leaves.c.party == party, leaves.c.matter == matter, leaves.c.kind == int(Kind.RECEIPT)
    )
    async with served.desk.database.read() as connection:
        body = (await connection.execute(query)).first()
    assert body is not None
    return sha256(body.body[1:]).digest()


async def a_refutation(served: Served) -> Message:
    name = await silence_is_claimed(served)
    digest = await a_receipt_of(served, name)
    return ppk.RefuteSilenceRequest(name=name, receipt_digest=digest, request_id=new_id())


async def is_accused(served: Served) -> str:
    """The supervisor's claim of silence arrives at the examiner; gives the matter's name."""
    name = await is_referred(served)
    claimed = bawaslu_events.SilenceClaimed(
        silence=bawaslu_events.SILENCE_NOT_ACCEPTED, letter_number=REFERRAL, day=day()
    )
    matter = name.rsplit("/", 1)[1]
    await says(served, "bawaslu", "netral.supervisor.silence_claimed.v1", claimed, matter=matter)
    return name


async def a_refutation_by_the_examiner(served: Served) -> Message:
    name = await is_accused(served)
    digest = await a_receipt_of(served, name)
    return kasn.RefuteSilenceRequest(name=name, receipt_digest=digest, request_id=new_id())


async def is_parked(served: Served) -> str:
    """A statement that could not be handled; gives its name."""
    sender, type, facts = {
        "bawaslu": ("bkn", "netral.examiner.accepted.v1", kasn_events.Accepted(register_number="1")),
        "kasn": ("ppk-6202", "netral.personnel_authority.opened.v1", ppk_events.Opened()),
        "ppk": (
            "bkn",
            "netral.examiner.verified.v1",
            kasn_events.Verified(status=kasn_events.VERIFICATION_STATUS_CONFORMS),
        ),
    }[served.name]
    id = await says(served, sender, type, facts, broken=True)
    return f"institutions/{served.parties[0]}/parked/{id}"


async def a_pack(served: Served) -> audit_service.ExportPackRequest:
    """A pack of a statement that came to a desk; its log has a checkpoint by then."""
    name = await is_parked(served)
    leaves = table(Leaf)
    async with served.desk.database.read() as connection:
        matter = await connection.scalar(select(leaves.c.matter).where(leaves.c.ref == name.split("/")[3]))
    return audit_service.ExportPackRequest(
        parent=f"institutions/{served.parties[0]}",
        request_id=new_id(),
        purpose=audit_events.EXPORT_PURPOSE_AUDIT,
        matters=[matter],
    )


# --- what a desk does ------------------------------------------------------------------------------------------


async def sent(served: Served, act: service_pb2.Act) -> list[statement_pb2.Statement]:
    """The statements that an act sent, in order, out of their leaves."""
    leaves, statements = table(Leaf), []
    async with served.desk.database.read() as connection:
        for id in act.statements:
            body = await connection.scalar(select(leaves.c.body).where(leaves.c.ref == id))
            assert body is not None
            statements.append(statement_pb2.Statement.FromString(envelope.read(body[1:]).payload))
    return statements


def a_registration(**other: Any) -> bawaslu.RegisterMatterRequest:
    values: dict[str, Any] = {
        "parent": "institutions/bawaslu",
        "origin": bawaslu_events.ORIGIN_REPORT,
        "number": "002/LP/PL/Kab/27.09/III/2024",
        "region": REGION,
        "event_date": day(20),
        "known_date": day(18),
        "employer": EMPLOYER,
        "person": a_person(),
        "description": "Ikut kampanye",
        "reporter": "Pelapor",
        "request_id": new_id(),
    }
    return bawaslu.RegisterMatterRequest(**(values | other))


def a_study(name: str, **other: Any) -> bawaslu.ConcludeStudyRequest:
    values: dict[str, Any] = {
        "name": name,
        "study_number": "1/KAJIAN",
        "study_date": day(15),
        "conclusion": bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION,
        "suspected_acts": [ACT],
        "study_digest": DIGEST,
        "request_id": new_id(),
    }
    return bawaslu.ConcludeStudyRequest(**(values | other))


def a_referral(name: str, **other: Any) -> bawaslu.ReferMatterRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": REFERRAL,
        "letter_date": day(5),
        "evidence_digests": [DIGEST],
        "request_id": new_id(),
    }
    return bawaslu.ReferMatterRequest(**(values | other))


async def is_registered(served: Served) -> str:
    """A matter is registered at Bawaslu; gives its name."""
    return (await done(served, "/netral.bawaslu.v1.BawasluService/RegisterMatter", a_registration())).matter


async def is_studied(served: Served) -> str:
    name = await is_registered(served)
    await done(served, "/netral.bawaslu.v1.BawasluService/ConcludeStudy", a_study(name))
    return name


async def is_sent(served: Served) -> str:
    """A matter that Bawaslu referred; gives its name."""
    name = await is_studied(served)
    await done(served, "/netral.bawaslu.v1.BawasluService/ReferMatter", a_referral(name))
    return name


async def is_opened(served: Served) -> str:
    """A recommendation that an officer of the personnel authority has opened; gives the matter's name."""
    name = await is_recommended(served)
    request = ppk.OpenRecommendationRequest(name=name, request_id=new_id())
    await done(served, "/netral.ppk.v1.PpkService/OpenRecommendation", request)
    return name


async def is_acknowledged(served: Served) -> str:
    name = await is_opened(served)
    request = ppk.AcknowledgeRecommendationRequest(name=name, register_number="17/2025", request_id=new_id())
    await done(served, "/netral.ppk.v1.PpkService/AcknowledgeRecommendation", request)
    return name


A_TEAM = {
    "decree_number": "800/1/TIM",
    "decree_date": day(4),
    "decree_digest": DIGEST,
    "units": [steps.TEAM_UNIT_SUPERIOR, steps.TEAM_UNIT_OVERSIGHT, steps.TEAM_UNIT_PERSONNEL],
    "remarks": "Anggota tim",
}
A_SUMMONS = {
    "letter_number": "800/1/PGL",
    "letter_date": day(4),
    "examination_date": day(3),
    "stated_reason": "Hari libur." if is_off(day(3)) else "",
}
AN_EXAMINATION = {
    "examination_date": day(3),
    "minutes_digest": DIGEST,
    "signature": steps.MINUTES_SIGNATURE_SIGNED,
    "mode": steps.EXAMINATION_MODE_IN_PERSON,
    "remarks": "Keterangan",
}
A_COUNCIL = {
    "decree_number": "800/1/MKE",
    "decree_date": day(4),
    "decree_digest": DIGEST,
    "members": 3,
    "remarks": "Anggota majelis",
}
A_DELIVERY = {"delivered_date": day(2), "way": steps.DELIVERY_WAY_IN_PERSON}
AN_APPEAL = {"kind": steps.APPEAL_KIND_OBJECTION, "letter_number": "1/KEB", "letter_date": day(1)}
_DISCIPLINE = "/netral.ppk.v1.DisciplineService/"


async def is_summoned(served: Served) -> str:
    """A matter with a team, whose person is summoned; gives its name."""
    name = await is_acknowledged(served)
    team = _with(discipline.FormTeamRequest, **A_TEAM)(name)
    await done(served, _DISCIPLINE + "FormTeam", team)
    await done(served, _DISCIPLINE + "Summon", _with(discipline.SummonRequest, **A_SUMMONS)(name))
    return name


async def is_heard(served: Served) -> str:
    """A matter that has what a severe sanction needs: a team and minutes."""
    name = await is_summoned(served)
    minutes = _with(discipline.RecordExaminationRequest, **AN_EXAMINATION)(name)
    await done(served, _DISCIPLINE + "RecordExamination", minutes)
    return name


async def is_before_a_council(served: Served) -> str:
    """A matter on which a council sits, whose person was examined; gives its name."""
    name = await is_summoned(served)
    await done(served, _DISCIPLINE + "FormCouncil", _with(discipline.FormCouncilRequest, **A_COUNCIL)(name))
    minutes = _with(discipline.RecordExaminationRequest, **AN_EXAMINATION)(name)
    await done(served, _DISCIPLINE + "RecordExamination", minutes)
    return name


async def is_defended(served: Served) -> str:
    """A matter whose person had the chance of defence before the council; gives its name."""
    name = await is_before_a_council(served)
    defence = _with(discipline.RecordDefenceRequest, defence_date=day(2), way=steps.DEFENCE_WAY_SPOKEN)
    await done(served, _DISCIPLINE + "RecordDefence", defence(name))
    return name


def a_sanction(name: str, **other: Any) -> ppk.ImposeSanctionRequest:
    values: dict[str, Any] = {
        "name": name,
        "decree_number": "800/1/SK",
        "decree_date": day(2),
        "sanction": "PP94-8-4-A",
        "request_id": new_id(),
    }
    return ppk.ImposeSanctionRequest(**(values | other))


async def is_decided(served: Served) -> str:
    name = await is_heard(served)
    await done(served, "/netral.ppk.v1.PpkService/ImposeSanction", a_sanction(name))
    return name


async def is_delivered(served: Served) -> str:
    name = await is_decided(served)
    await done(
        served, _DISCIPLINE + "DeliverDecision", _with(discipline.DeliverDecisionRequest, **A_DELIVERY)(name)
    )
    return name


async def is_appealed(served: Served) -> str:
    name = await is_delivered(served)
    await done(served, _DISCIPLINE + "FileAppeal", _with(discipline.FileAppealRequest, **AN_APPEAL)(name))
    return name


def a_report(name: str, **other: Any) -> ppk.ReportFollowUpRequest:
    values: dict[str, Any] = {
        "name": name,
        "kind": ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
        "letter_number": "800/3/SET",
        "letter_date": day(1),
        "decree_digest": DIGEST,
        "remarks": "Terlampir",
        "request_id": new_id(),
    }
    return ppk.ReportFollowUpRequest(**(values | other))


async def is_examined(served: Served) -> str:
    """A referral that the examiner accepted; gives the matter's name."""
    name = await is_referred(served)
    request = kasn.AcceptReferralRequest(name=name, register_number="17/REG", request_id=new_id())
    await done(served, "/netral.kasn.v1.KasnService/AcceptReferral", request)
    return name


async def is_watched(served: Served) -> str:
    """A copy that an officer of the overseer has opened; gives the watched matter's name."""
    name = await is_copied(served)
    request = oversight.OpenCopyRequest(name=name, request_id=new_id())
    await done(served, "/netral.oversight.v1.OversightService/OpenCopy", request)
    return name


def a_block(name: str, **other: Any) -> oversight.BlockDataRequest:
    values: dict[str, Any] = {
        "name": name,
        "act_number": "26/BLK",
        "act_date": day(1),
        "office": "KANREG-VIII",
        "reason": "OVERDUE",
        "request_id": new_id(),
    }
    return oversight.BlockDataRequest(**(values | other))


async def is_blocked(served: Served) -> str:
    name = await is_watched(served)
    await done(served, "/netral.oversight.v1.OversightService/BlockData", a_block(name))
    return name


def an_unblocking(name: str, **other: Any) -> oversight.UnblockDataRequest:
    values: dict[str, Any] = {
        "name": name,
        "act_number": "8/BKA",
        "act_date": day(),
        "office": "KANREG-VIII",
        "reason": "BLOCKED_IN_ERROR",
        "request_id": new_id(),
    }
    return oversight.UnblockDataRequest(**(values | other))


def an_annulment(name: str, **other: Any) -> oversight.AnnulDecreeRequest:
    values: dict[str, Any] = {
        "name": name,
        "act_number": "9/BATAL",
        "act_date": day(1),
        "decree_number": "800/1/SK",
        "reason": "AUDIT_UNHEEDED",
        "coordination_number": "B/12/M.SM",
        "request_id": new_id(),
    }
    return oversight.AnnulDecreeRequest(**(values | other))


def a_warning(name: str, **other: Any) -> oversight.WarnAuthorityRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "800/2344/IJ",
        "letter_date": day(1),
        "request_id": new_id(),
    }
    return oversight.WarnAuthorityRequest(**(values | other))


def a_recommendation(name: str, **other: Any) -> kasn.RecommendRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": LETTER,
        "letter_date": day(4),
        "addressee": EMPLOYER,
        "act": ACT,
        "family": FAMILY,
        "sanction_class": CLASS,
        "reasons": "Terbukti",
        "due_date": day(-10),
        "request_id": new_id(),
    }
    return kasn.RecommendRequest(**(values | other))


async def hears_the_authority(served: Served, *said: tuple[str, Message]) -> str:
    """A matter that the examiner recommended on, and what the personnel authority said since."""
    name = await is_examined(served)
    await done(served, "/netral.kasn.v1.KasnService/Recommend", a_recommendation(name))
    for fact, facts in said:
        type = f"netral.personnel_authority.{fact}.v1"
        await says(served, EMPLOYER, type, facts, matter=name.rsplit("/", 1)[1])
    return name


async def is_objected_to(served: Served) -> str:
    objected = ppk_events.Objected(letter_number="800/2/SET", letter_date=day(3))
    return await hears_the_authority(served, ("opened", ppk_events.Opened()), ("objected", objected))


async def is_followed_up(served: Served, *, sanction: str = "PP94-8-4-A", sanction_class: str = CLASS) -> str:
    decided = ppk_events.Decided(
        decree_number="800/1/SK", decree_date=day(2), sanction=sanction, sanction_class=sanction_class
    )
    followed_up = ppk_events.FollowedUp(
        kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
        letter_number="800/3/SET",
        letter_date=day(1),
        decree_number="800/1/SK",
        decree_digest=DIGEST,
    )
    return await hears_the_authority(
        served,
        ("opened", ppk_events.Opened()),
        ("acknowledged", ppk_events.Acknowledged(register_number="17/2025")),
        ("decided", decided),
        ("followed_up", followed_up),
    )


async def is_incomplete(served: Served) -> str:
    """A referral that the examiner wants completed, at Bawaslu; gives the matter's name there."""
    name = await is_studied(served)
    await done(served, "/netral.bawaslu.v1.BawasluService/ReferMatter", a_referral(name))
    asked = kasn_events.CompletionRequested(
        letter_number="R-1900/KASN/7/2020",
        letter_date=day(4),
        missing=[kasn_events.COMPLETION_ITEM_GRADE, kasn_events.COMPLETION_ITEM_EVIDENCE],
    )
    type = "netral.examiner.completion_requested.v1"
    await says(served, "bkn", type, asked, matter=name.rsplit("/", 1)[1])
    return name


def a_completion(name: str, **other: Any) -> bawaslu.CompleteReferralRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "13/PM.00.02/K.KH-05",
        "letter_date": day(3),
        "person": a_person(grade="III/c"),
        "evidence_digests": [DIGEST],
        "remarks": "Dilengkapi",
        "request_id": new_id(),
    }
    return bawaslu.CompleteReferralRequest(**(values | other))


def a_plenary(name: str, **other: Any) -> bawaslu.RecordPlenaryRequest:
    values: dict[str, Any] = {
        "name": name,
        "minutes_number": "22/BA/IV/2024",
        "plenary_date": day(2),
        "minutes_digest": DIGEST,
        "decisions": [bawaslu_events.PLENARY_DECISION_VIOLATION],
        "request_id": new_id(),
    }
    return bawaslu.RecordPlenaryRequest(**(values | other))


def an_offence(name: str, **other: Any) -> bawaslu.ForwardOffenceRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "77/PP.00.02/K.KH-05",
        "letter_date": day(2),
        "police_number": "LP/B/12/III/2024",
        "received_date": day(2),
        "offences": ["UU7-2017-494"],
        "minutes_digest": DIGEST,
        "request_id": new_id(),
    }
    return bawaslu.ForwardOffenceRequest(**(values | other))


def an_offence_step(name: str, **other: Any) -> bawaslu.RecordOffenceStepRequest:
    values: dict[str, Any] = {
        "name": name,
        "step": bawaslu_events.OFFENCE_STEP_PROSECUTED,
        "document_number": "B-412/L.3.15/Eku.2/03/2024",
        "step_date": day(1),
        "request_id": new_id(),
    }
    return bawaslu.RecordOffenceStepRequest(**(values | other))


async def has_an_offence(served: Served) -> str:
    """A matter that was referred, and whose offence was forwarded to the police; gives its name."""
    name = await is_sent(served)
    await done(served, "/netral.bawaslu.v1.BawasluService/ForwardOffence", an_offence(name))
    return name


async def completes(served: Served, name: str, person: person_pb2.Person) -> None:
    """The supervisor completes a referral with the person as it should be."""
    facts = bawaslu_events.Completed(letter_number="13/PM.00.02/K.KH-05", letter_date=day(2))
    part = person_pb2.PersonalPart(person=person)
    type = "netral.supervisor.completed.v1"
    await says(served, "bawaslu", type, facts, matter=name.rsplit("/", 1)[1], part=part)


async def is_asked_to_clarify(served: Served) -> str:
    """A request for clarification arrives at a personnel authority; gives the matter's name there."""
    to, matter = served.parties[0], str(uuid7())
    facts = kasn_events.ClarificationRequested(
        letter_number="R-1901/KASN/7/2020", letter_date=day(5), addressee=to, report_number="1", region=REGION
    )
    part = person_pb2.PersonalPart(person=a_person(), text="Apakah benar?")
    type = "netral.examiner.clarification_requested.v1"
    await says(served, "bkn", type, facts, matter=matter, recipient=to, part=part)
    return f"institutions/{to}/matters/{matter}"


def an_answer(name: str, **other: Any) -> ppk.AnswerClarificationRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "800/9/SET",
        "letter_date": day(2),
        "answer": "Benar",
        "request_id": new_id(),
    }
    return ppk.AnswerClarificationRequest(**(values | other))


def a_letter(*names: str, **other: Any) -> kasn.RecommendLetterRequest:
    values: dict[str, Any] = {
        "parent": names[0].rpartition("/matters/")[0],
        "letter_number": LETTER,
        "letter_date": day(4),
        "addressee": EMPLOYER,
        "due_date": day(-10),
        "items": [
            kasn.LetterItem(
                name=name, act=ACT, family=FAMILY, sanction_class=CLASS, reasons=f"Terbukti {place}"
            )
            for place, name in enumerate(names)
        ],
        "request_id": new_id(),
    }
    return kasn.RecommendLetterRequest(**(values | other))


async def are_examined(served: Served, count: int) -> list[str]:
    """Referrals that the examiner accepted; gives the matters' names."""
    names = [await is_referred(served) for _ in range(count)]
    for place, name in enumerate(names):
        request = kasn.AcceptReferralRequest(name=name, register_number=f"{place}/REG", request_id=new_id())
        await done(served, "/netral.kasn.v1.KasnService/AcceptReferral", request)
    return names


async def _letter_request(served: Served) -> Message:
    return a_letter(*await are_examined(served, 2))


def a_correction(name: str, **other: Any) -> kasn.CorrectRecommendationRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "R-1950/KASN/7/2020",
        "letter_date": day(3),
        "act": ACT,
        "family": FAMILY,
        "sanction_class": "DISCIPLINE_MEDIUM",
        "due_date": day(-10),
        "reasons": "Salah ketik",
        "request_id": new_id(),
    }
    return kasn.CorrectRecommendationRequest(**(values | other))


def a_withdrawal(name: str, **other: Any) -> kasn.WithdrawRecommendationRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "R-1951/KASN/7/2020",
        "letter_date": day(1),
        "reason": kasn_events.WITHDRAWAL_REASON_NEW_EVIDENCE,
        "reasons": "Bukti baru",
        "request_id": new_id(),
    }
    return kasn.WithdrawRecommendationRequest(**(values | other))


def _kept(before: Callable[[Served], Awaitable[str]], make: Callable[..., Any]) -> Any:
    async def request(served: Served) -> Message:
        made: Message = make(await before(served))
        return made

    return request


def _with(kind: Any, /, **values: Any) -> Callable[[str], Message]:
    def make(name: str) -> Message:
        message: Message = kind(name=name, request_id=new_id(), **values)
        return message

    return make


async def _registration(served: Served) -> Message:
    return a_registration()


async def _transfer(served: Served) -> Message:
    """An old examiner hands over what is open: nothing, for the desk of these tests has always been the new one's."""
    return kasn.TransferMattersRequest(
        parent="institutions/kasn",
        successor="bkn",
        letter_number="1/BA/KASN/9/2024",
        letter_date=day(1),
        request_id=new_id(),
    )


_READ = _with(ReadFileRequest, purpose=person_pb2.READ_PURPOSE_HANDLING)


async def is_stated(served: Served) -> str:
    """A figure that the other side stated to this desk; gives its name here."""
    party = served.parties[0]
    other, role = {"bawaslu": ("bkn", "examiner"), "kasn": ("bawaslu", "supervisor")}[served.name]
    facts = monitoring_events.FiguresStated(
        figure="follow-up-rate",
        start_date=day(30),
        end_date=day(),
        today=day(),
        counted=[uuid7().bytes],
        ratio=monitoring_events.Ratio(n=1, of=1),
    )
    id = await says(served, other, f"netral.{role}.figures_stated.v1", facts)
    return f"institutions/{party}/figures/{id}"


async def _a_stated_figure(served: Served) -> Message:
    return monitoring.StateFiguresRequest(
        parent=f"institutions/{served.parties[0]}",
        recipient={"bawaslu": "bkn", "kasn": "bawaslu"}[served.name],
        figure="follow-up-rate",
        start_date=day(30),
        end_date=day(),
        request_id=new_id(),
    )


# Every writing call: what makes it possible, and the request.
WRITES: dict[str, Callable[[Served], Awaitable[Message]]] = {
    **intakes.WRITES,
    "/netral.bawaslu.v1.BawasluService/RegisterMatter": _registration,
    "/netral.bawaslu.v1.BawasluService/ConcludeStudy": _kept(is_registered, a_study),
    "/netral.bawaslu.v1.BawasluService/RecordPlenary": _kept(is_registered, a_plenary),
    "/netral.bawaslu.v1.BawasluService/ReferMatter": _kept(is_studied, a_referral),
    "/netral.bawaslu.v1.BawasluService/ForwardOffence": _kept(is_sent, an_offence),
    "/netral.bawaslu.v1.BawasluService/RecordOffenceStep": _kept(has_an_offence, an_offence_step),
    "/netral.bawaslu.v1.BawasluService/ClaimSilence": _kept(is_sent, _with(bawaslu.ClaimSilenceRequest)),
    "/netral.bawaslu.v1.BawasluService/ReadFile": _kept(is_registered, _READ),
    "/netral.kasn.v1.KasnService/AcceptReferral": _kept(
        is_referred, _with(kasn.AcceptReferralRequest, register_number="17/REG")
    ),
    "/netral.kasn.v1.KasnService/ReturnReferral": _kept(
        is_referred,
        _with(kasn.ReturnReferralRequest, reason=kasn_events.RETURN_REASON_NO_STUDY, remarks="Kurang"),
    ),
    "/netral.bawaslu.v1.BawasluService/CompleteReferral": _kept(is_incomplete, a_completion),
    "/netral.ppk.v1.PpkService/AnswerClarification": _kept(is_asked_to_clarify, an_answer),
    "/netral.kasn.v1.KasnService/RequestCompletion": _kept(
        is_referred,
        lambda name: kasn.RequestCompletionRequest(
            name=name,
            letter_number="R-1900/KASN/7/2020",
            letter_date=day(4),
            missing=[kasn_events.COMPLETION_ITEM_GRADE, kasn_events.COMPLETION_ITEM_EVIDENCE],
            remarks="Mohon dilengkapi",
            request_id=new_id(),
        ),
    ),
    "/netral.kasn.v1.KasnService/RequestClarification": _kept(
        is_examined,
        lambda name: kasn.RequestClarificationRequest(
            name=name,
            letter_number="R-1901/KASN/7/2020",
            letter_date=day(4),
            addressee=EMPLOYER,
            questions="Apakah benar?",
            request_id=new_id(),
        ),
    ),
    "/netral.kasn.v1.KasnService/RecordClarification": _kept(
        is_examined,
        lambda name: kasn.RecordClarificationRequest(
            name=name,
            held_date=day(2),
            attendance=kasn_events.ATTENDANCE_ATTENDED,
            minutes_digest=DIGEST,
            remarks="Hadir",
            request_id=new_id(),
        ),
    ),
    "/netral.kasn.v1.KasnService/AssignMatter": _kept(
        is_referred, _with(kasn.AssignMatterRequest, office="KANREG-VIII")
    ),
    "/netral.kasn.v1.KasnService/DeclareConflict": _kept(
        lambda served: hears_the_authority(served),
        _with(
            kasn.DeclareConflictRequest,
            institution=EMPLOYER,
            ground=kasn_events.CONFLICT_GROUND_INTEREST,
            remarks="Kerabat",
        ),
    ),
    "/netral.kasn.v1.KasnService/RecommendLetter": _letter_request,
    "/netral.kasn.v1.KasnService/CorrectRecommendation": _kept(
        lambda served: hears_the_authority(served), a_correction
    ),
    "/netral.kasn.v1.KasnService/WithdrawRecommendation": _kept(
        lambda served: hears_the_authority(served), a_withdrawal
    ),
    "/netral.kasn.v1.KasnService/FindEarlier": _kept(is_referred, _with(kasn.FindEarlierRequest)),
    "/netral.kasn.v1.KasnService/DecideNotProven": _kept(
        is_examined,
        lambda name: kasn.DecideNotProvenRequest(
            name=name,
            decision_number=LETTER,
            decision_date=day(1),
            reasons="Tidak terbukti",
            request_id=new_id(),
        ),
    ),
    "/netral.kasn.v1.KasnService/Recommend": _kept(is_examined, a_recommendation),
    "/netral.kasn.v1.KasnService/AnswerObjection": _kept(
        is_objected_to,
        lambda name: kasn.AnswerObjectionRequest(
            name=name,
            letter_number="R-1944/KASN/7/2020",
            letter_date=day(1),
            answer=kasn.OBJECTION_ANSWER_MAINTAIN,
            reasons="Tetap",
            request_id=new_id(),
        ),
    ),
    "/netral.kasn.v1.KasnService/VerifyFollowUp": _kept(
        is_followed_up,
        lambda name: kasn.VerifyFollowUpRequest(
            name=name,
            status=kasn_events.VERIFICATION_STATUS_CONFORMS,
            verified_date=day(),
            remarks="Sesuai",
            request_id=new_id(),
        ),
    ),
    "/netral.kasn.v1.KasnService/Reprimand": _kept(
        is_late, _with(kasn.ReprimandRequest, letter_number="812/BKN/7/2025", letter_date=day(1))
    ),
    "/netral.kasn.v1.KasnService/Escalate": _kept(
        is_late, _with(kasn.EscalateRequest, letter_number="B-9/KASN/7/2020", letter_date=day(1))
    ),
    "/netral.kasn.v1.KasnService/ClaimSilence": _kept(is_late, _with(kasn.ClaimSilenceRequest)),
    "/netral.kasn.v1.KasnService/RefuteSilence": a_refutation_by_the_examiner,
    "/netral.kasn.v1.KasnService/ReadFile": _kept(is_referred, _READ),
    "/netral.kasn.v1.KasnService/TransferMatters": _transfer,
    "/netral.ppk.v1.PpkService/OpenRecommendation": _kept(
        is_recommended, _with(ppk.OpenRecommendationRequest)
    ),
    "/netral.ppk.v1.PpkService/AcknowledgeRecommendation": _kept(
        is_opened, _with(ppk.AcknowledgeRecommendationRequest, register_number="17/2025")
    ),
    "/netral.ppk.v1.PpkService/RejectRecommendation": _kept(
        is_opened,
        _with(
            ppk.RejectRecommendationRequest,
            reason=ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE,
            remarks="Bukan pegawai kami",
        ),
    ),
    "/netral.ppk.v1.PpkService/ObjectToRecommendation": _kept(
        is_opened,
        lambda name: ppk.ObjectToRecommendationRequest(
            name=name, letter_number="800/2/SET", letter_date=day(3), reasons="Cuti", request_id=new_id()
        ),
    ),
    "/netral.ppk.v1.PpkService/ImposeSanction": _kept(is_heard, a_sanction),
    "/netral.ppk.v1.PpkService/ReportFollowUp": _kept(is_decided, a_report),
    "/netral.ppk.v1.PpkService/RefuteSilence": a_refutation,
    "/netral.ppk.v1.PpkService/ReadFile": _kept(is_recommended, _READ),
    "/netral.oversight.v1.OversightService/OpenCopy": _kept(is_copied, _with(oversight.OpenCopyRequest)),
    "/netral.oversight.v1.OversightService/BlockData": _kept(is_watched, a_block),
    "/netral.oversight.v1.OversightService/UnblockData": _kept(is_blocked, an_unblocking),
    "/netral.oversight.v1.OversightService/AnnulDecree": _kept(is_watched, an_annulment),
    "/netral.oversight.v1.OversightService/WarnAuthority": _kept(is_watched, a_warning),
    "/netral.oversight.v1.OversightService/ReadFile": _kept(is_copied, _READ),
    "/netral.monitoring.v1.ReconciliationService/StateFigures": _a_stated_figure,
    "/netral.monitoring.v1.ReconciliationService/AgreeFigures": _kept(
        is_stated, _with(monitoring.AgreeFiguresRequest)
    ),
    _DISCIPLINE + "CheckEmployee": _kept(
        is_acknowledged,
        _with(
            discipline.CheckEmployeeRequest,
            status=steps.EMPLOYEE_STATUS_MOVED,
            status_date=day(3),
            moved_to="ppk-3311",
        ),
    ),
    _DISCIPLINE + "FormTeam": _kept(is_acknowledged, _with(discipline.FormTeamRequest, **A_TEAM)),
    _DISCIPLINE + "Summon": _kept(is_acknowledged, _with(discipline.SummonRequest, **A_SUMMONS)),
    _DISCIPLINE + "RecordAbsence": _kept(
        is_summoned, _with(discipline.RecordAbsenceRequest, examination_date=day(3))
    ),
    _DISCIPLINE + "RecordExamination": _kept(
        is_summoned, _with(discipline.RecordExaminationRequest, **AN_EXAMINATION)
    ),
    _DISCIPLINE + "ConcludeExamination": _kept(
        is_heard,
        _with(
            discipline.ConcludeExaminationRequest,
            report_number="800/1/LHP",
            report_date=day(2),
            report_digest=DIGEST,
        ),
    ),
    _DISCIPLINE + "FormCouncil": _kept(is_acknowledged, _with(discipline.FormCouncilRequest, **A_COUNCIL)),
    _DISCIPLINE + "RecordDefence": _kept(
        is_before_a_council,
        _with(
            discipline.RecordDefenceRequest,
            defence_date=day(2),
            way=steps.DEFENCE_WAY_WRITTEN,
            remarks="Pembelaan",
        ),
    ),
    _DISCIPLINE + "RecordCouncilDecision": _kept(
        is_defended,
        _with(
            discipline.RecordCouncilDecisionRequest,
            decision_number="3/MKE",
            decision_date=day(1),
            decision_digest=DIGEST,
            sanction_class="MORAL_OPEN",
        ),
    ),
    _DISCIPLINE + "ReleaseFromDuty": _kept(
        is_heard,
        _with(
            discipline.ReleaseFromDutyRequest,
            decree_number="800/1/BEBAS",
            decree_date=day(2),
            start_date=day(2),
        ),
    ),
    _DISCIPLINE + "CorrectDecree": _kept(
        is_decided,
        _with(
            discipline.CorrectDecreeRequest,
            decree_number="800/11/SK",
            decree_date=day(1),
            remarks="Salah ketik",
        ),
    ),
    _DISCIPLINE + "DeliverDecision": _kept(
        is_decided, _with(discipline.DeliverDecisionRequest, **A_DELIVERY)
    ),
    _DISCIPLINE + "FileAppeal": _kept(is_delivered, _with(discipline.FileAppealRequest, **AN_APPEAL)),
    _DISCIPLINE + "DecideAppeal": _kept(
        is_appealed,
        _with(
            discipline.DecideAppealRequest,
            outcome=steps.APPEAL_OUTCOME_CHANGED,
            letter_number="2/KEB",
            letter_date=day(0),
            decree_number="800/2/SK",
            decree_date=day(0),
            sanction="PP94-8-3-A",
        ),
    ),
    "/netral.audit.v1.AuditService/ExportPack": a_pack,
    "/netral.exchange.v1.ExchangeService/RetryParked": _kept(
        is_parked, _with(service_pb2.RetryParkedRequest)
    ),
    "/netral.exchange.v1.ExchangeService/ReturnParked": _kept(
        is_parked, _with(service_pb2.ReturnParkedRequest)
    ),
}
