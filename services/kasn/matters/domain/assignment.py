"""Assignment of a matter to an office of the examiner (penugasan kantor regional), which takes it up and monitors it. Pure.

Until an officer assigns it, a matter falls to the office of its authority's region. That is derived at each asking, shown as
derived and kept nowhere. Assigning again reverses an assignment. An office is no party: what it may see is decided elsewhere.
"""

from agreement.parties import offices
from kasn.matters.domain.commands import AssignMatter
from kasn.matters.domain.events import Assigned
from kasn.matters.domain.matter import Matter
from kasn.matters.domain.states import require
from refusals import WrongState


def assign(matter: Matter, command: AssignMatter) -> Assigned:
    """Assign a matter to an office of the examiner.

    Raises:
        Unknown: the examiner has no such office.
        WrongState: that office has it, or the matter is not open here.
    """
    require(matter, command)
    office = offices.office(matter.party, command.office, field="office")
    if office.code == matter.office:
        raise WrongState("that office has the matter already", reason="ASSIGNED_ALREADY")
    return Assigned(office.code, matter.office, offices.known().digest)


def derived_office(party: str, addressee: str, employer: str) -> offices.Line | None:
    """Derive the office that a matter falls to: by the addressee, or before a recommendation by the employer."""
    return offices.of_authority(party, addressee or employer)
