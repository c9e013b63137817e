"""First information (informasi awal) of an authority's own team, as its statement says it, and what it is told of it.

What is told: each stage with its day, and for each reported person that person's stages (`agreement.prevention.supervision`). Numbers
and the matter's id are told of persons only who work for the authority that informed; of others, no more than the stage.
"""

from dataclasses import dataclass
from datetime import date

from agreement.enforcement import intake, violations
from agreement.parties import bawaslu_offices, identifiers, institutions, regions
from agreement.prevention import supervision
from bawaslu.intake.domain import events as of_intake
from bawaslu.intake.domain.state import Intake, State
from refusals import Conflict, Malformed, NotAllowed

SOURCE = "PPK_TEAM"


@dataclass(frozen=True)
class Passed:
    """Content of a team's statement. Dates are legal dates of the authority, digests lower-case hex."""

    letter_number: str
    letter_date: date | None
    team_number: str
    election: str
    office: str
    act: str
    channel: str
    region: str
    seen_date: date | None
    evidence_digests: tuple[str, ...]


def open_intake(
    subject: Intake, passed: Passed, sender: str, statement: str, today: date
) -> of_intake.InformationReceived:
    """Take in first information as it arrived; it has no number in Bawaslu's register yet. `today` is Bawaslu's.

    Raises:
        Conflict: an intake of this id is there already.
        NotAllowed: the sender is no personnel authority.
        Malformed: what is said cannot be right.
    """
    if subject.state != State.NEW:
        raise Conflict("an intake of this id is there already", reason="INFORMATION_KNOWN")
    if sender not in institutions.personnel_authorities():
        raise NotAllowed("only a personnel authority has a team of its own", reason="NOT_AN_AUTHORITY")
    if passed.letter_date is None or passed.seen_date is None:
        raise Malformed("a letter and what was seen have their days", field="letter_date")
    if not passed.election:
        raise Malformed("it is of some election", field="election")
    if not passed.evidence_digests:
        raise Malformed("there is nothing to show", field="evidence_digests")
    for at, digest in enumerate(passed.evidence_digests):
        identifiers.sha256_hex(digest, field=f"evidence_digests[{at}]")
    identifiers.decree_number(passed.team_number, field="team_number")
    return of_intake.InformationReceived(
        number="",
        election=passed.election,
        office=bawaslu_offices.office(passed.office),
        source=intake.information_source(SOURCE).code,
        authority=sender,
        reporter="",
        region=regions.region(passed.region).code,
        received_date=today,
        statement=statement,
        informant_number=identifiers.decree_number(passed.letter_number, field="letter_number"),
        informant_date=passed.letter_date,
        suspected_act=violations.act_of(passed.act, passed.seen_date).code,
        channel=supervision.channel(passed.channel).code,
        seen_date=passed.seen_date,
        evidence_digests=passed.evidence_digests,
    )
