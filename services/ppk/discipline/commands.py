"""The discipline procedure: facts in, decision, buffered writes and statements out. One function per command."""

from exchange.delivery.entity_store import use_number
from exchange.delivery.transaction import Transaction
from ppk import wire
from ppk.discipline.domain import proceedings
from ppk.discipline.domain import rules as domain
from ppk.recommendations.commands import done, matter_for_change, proceeding_of
from ppk.recommendations.domain import rules
from ppk.tables import proceeding_key
from ppk.wire import Record

PROGRESSED = "netral.personnel_authority.progressed.v1"
APPEALED = "netral.personnel_authority.appealed.v1"


def check_employee(tx: Transaction, id: str, command: domain.CheckEmployee) -> Record:
    """Record whose employee the person is; nobody is told."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.check_employee(matter, proceeding, command, tx.today)
    return _stepped(tx, "ppk.check_employee", matter, proceeding, event)


def form_team(tx: Transaction, id: str, command: domain.FormTeam, part: bytes) -> Record:
    """Form the examination team; `part` are its members, kept and not sent."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.form_team(matter, proceeding, command, tx.today)
    use_number(tx, "decree", event.decree_number, id, field="decree_number")
    return _stepped(tx, "ppk.form_team", matter, proceeding, event, part)


def summon(tx: Transaction, id: str, command: domain.Summon) -> Record:
    """Summon the person for the first or second time."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.summon(matter, proceeding, command, tx.today)
    use_number(tx, "letter", event.letter_number, id, field="letter_number")
    return _stepped(tx, "ppk.summon", matter, proceeding, event)


def record_absence(tx: Transaction, id: str, command: domain.RecordAbsence) -> Record:
    """The person did not come."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.record_absence(matter, proceeding, command, tx.today)
    return _stepped(tx, "ppk.record_absence", matter, proceeding, event)


def record_examination(tx: Transaction, id: str, command: domain.RecordExamination, part: bytes) -> Record:
    """There are minutes; `part` is prose, kept and not sent."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.record_examination(matter, proceeding, command, tx.today)
    return _stepped(tx, "ppk.record_examination", matter, proceeding, event, part)


def conclude_examination(tx: Transaction, id: str, command: domain.ConcludeExamination) -> Record:
    """There is a report of the examination."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.conclude_examination(matter, proceeding, command, tx.today)
    use_number(tx, "examination", event.report_number, id, field="report_number")
    return _stepped(tx, "ppk.conclude_examination", matter, proceeding, event)


def deliver(tx: Transaction, id: str, command: domain.DeliverDecision) -> Record:
    """The decision reached the person."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.deliver(matter, proceeding, command, tx.today)
    return _stepped(tx, "ppk.deliver", matter, proceeding, event)


def file_appeal(tx: Transaction, id: str, command: domain.FileAppeal) -> Record:
    """The person filed an appeal; its number is not the authority's, so it is not claimed."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.file_appeal(matter, proceeding, command, tx.today)
    return _appealed(tx, "ppk.file_appeal", matter, proceeding, event)


def decide_appeal(tx: Transaction, id: str, command: domain.DecideAppeal) -> Record:
    """The appeal was decided; a new decree is the authority's own."""
    matter, proceeding = matter_for_change(tx, id), proceeding_of(tx, id)
    event = domain.decide_appeal(matter, proceeding, command, tx.today)
    if event.decree_number:
        use_number(tx, "decree", event.decree_number, id, field="decree_number")
    return _appealed(tx, "ppk.decide_appeal", matter, proceeding, event)


def _stepped(
    tx: Transaction,
    action: str,
    matter: rules.Matter,
    proceeding: proceedings.Proceeding,
    event: proceedings.Step,
    part: bytes = b"",
) -> Record:
    """The record has the whole step; the examiner hears its kind and date."""
    tx.save(proceeding_key(tx.party, matter.id), proceedings.apply(proceeding, event))
    told = proceedings.progress(event)
    if told is not None:
        tx.send(
            PROGRESSED, matter.examiner, matter.id, matter.case_id, wire.progress(told), cause=matter.heard
        )
    return tx.record(action, matter.id, matter.case_id, matter.state, wire.step(event), part)


def _appealed(
    tx: Transaction,
    action: str,
    matter: rules.Matter,
    proceeding: proceedings.Proceeding,
    event: rules.Appealed,
) -> Record:
    tx.save(proceeding_key(tx.party, matter.id), proceedings.apply(proceeding, event))
    return done(tx, action, APPEALED, matter, event)
