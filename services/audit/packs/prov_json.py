"""A story as W3C PROV-JSON: who did what, on whose behalf, from what it followed, under which rule. No I/O.

PROV-DM (Recommendation of 30 April 2013) and its JSON form (submission of 24 April 2013). A record is an *activity* of an
officer, service or clock (*agent*) that acted for its institution; a statement and a receipt are *entities*; the legal
basis is the *plan*; what led to a statement is what it was derived from. For reading: the leaves are what counts.
"""

from collections.abc import Iterable
from datetime import datetime

from audit.packs.canonical_json import Json
from audit.packs.timeline.entries import Entry

_SPACES = {
    "netral": "urn:netral:",
    "uuid": "urn:uuid:",
    "party": "urn:netral:institution:",
    "basis": "urn:netral:legal-basis:",
}
_AGENTS = {"officer": "prov:Person", "service": "prov:SoftwareAgent", "clock": "prov:SoftwareAgent"}

Document = dict[str, dict[str, Json]]


def document(story: Iterable[Entry]) -> Document:
    """The PROV-JSON document of a story."""
    made: Document = {"prefix": dict(_SPACES)}
    entries = list(story)
    by_statement = {sent: entry for entry in entries for sent in entry.sent}
    for entry in entries:
        agent = _agent(made, entry)
        if entry.kind == "record":
            _activity(made, entry, agent)
        else:
            _statement(made, entry, agent, by_statement.get(entry.id))
    return made


def _put(made: Document, section: str, name: str, **values: Json) -> None:
    made.setdefault(section, {})[name] = {key.replace("__", ":"): value for key, value in values.items()}


def _link(made: Document, section: str, **ends: str) -> None:
    links = made.setdefault(section, {})
    links[f"_:{section}{len(links) + 1}"] = {f"prov:{end}": name for end, name in ends.items()}


def _agent(made: Document, entry: Entry) -> str:
    party = f"party:{entry.party}"
    _put(made, "agent", party, prov__type=_qualified("prov:Organization"))
    if not entry.actor:
        return party
    name = f"netral:actor:{entry.party}:{entry.actor}"
    if name not in made["agent"]:
        _put(made, "agent", name, prov__type=_qualified(_AGENTS.get(entry.actor_kind, "prov:Agent")))
        _link(made, "actedOnBehalfOf", delegate=name, responsible=party)
    return name


def _activity(made: Document, entry: Entry, agent: str) -> None:
    name, at = f"uuid:{entry.id}", _instant(entry.time)
    _put(
        made,
        "activity",
        name,
        prov__startTime=at,
        prov__endTime=at,
        prov__type=entry.type,
        netral__state=entry.state,
        netral__matter=entry.matter,
        netral__digest=entry.digest,
    )
    _link(made, "wasAssociatedWith", activity=name, agent=agent)


def _statement(made: Document, entry: Entry, agent: str, act: Entry | None) -> None:
    name = f"uuid:{entry.id}"
    _put(
        made,
        "entity",
        name,
        prov__type=entry.type,
        netral__matter=entry.matter,
        netral__sequence=entry.sequence,
        netral__recipient=f"party:{entry.recipient}",
        netral__digest=entry.digest,
    )
    _link(made, "wasAttributedTo", entity=name, agent=agent)
    if act is not None:
        _link(made, "wasGeneratedBy", entity=name, activity=f"uuid:{act.id}", time=_instant(entry.time))
        if entry.basis:
            plan = f"basis:{entry.basis}"
            _put(made, "entity", plan, prov__type=_qualified("prov:Plan"))
            _link(made, "wasAssociatedWith", activity=f"uuid:{act.id}", agent=agent, plan=plan)
    for earlier in dict.fromkeys((entry.causation, entry.copy_of)):
        if earlier:
            _link(made, "wasDerivedFrom", generatedEntity=name, usedEntity=f"uuid:{earlier}")
    for answer in entry.answers:
        _receipt(made, entry, answer.stage, answer.signer, answer.outcome, answer.time)


def _receipt(made: Document, entry: Entry, stage: str, signer: str, outcome: str, at: datetime) -> None:
    name = f"netral:receipt:{stage}:{entry.id}"
    _put(made, "agent", f"party:{signer}", prov__type=_qualified("prov:Organization"))
    kind, time = f"receipt.{stage}", _instant(at)
    _put(made, "entity", name, prov__type=kind, netral__outcome=outcome, prov__generatedAtTime=time)
    _link(made, "wasDerivedFrom", generatedEntity=name, usedEntity=f"uuid:{entry.id}")
    _link(made, "wasAttributedTo", entity=name, agent=f"party:{signer}")


def _qualified(name: str) -> dict[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _instant(at: datetime) -> str:
    return at.isoformat()
