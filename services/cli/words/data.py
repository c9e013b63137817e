"""Words that come out of data and contracts, and are said like those of the code: heads, names of fields, kinds, certainties.

What the law's data say in English, readings and notes, stands in the catalogue too.
"""

import re
from collections.abc import Iterator

from agreement import law
from agreement.clocks import calendar, deadlines
from agreement.elections import known
from agreement.parties import offices
from agreement.prevention import campaigns
from agreement.wording import Worded
from cli.language import sayable

_ENGLISH = re.compile(
    r"\b(the|of|and|is|not|with|by|from|for|to|in|an|on|was|that|or|are|its|no|it|than|days?|read|clause|basis|"
    r"limit|sanction|measure|transition|procedure|prohibition|offence|remedy|official|inaction|privacy|step|authority|status|press|open|quoted)\b"
)

HEADS = sayable("class", "shown", "time zone", "sanction", "letters dated", "clause", "yes", "no")
FACTS = sayable("origin", "voted on", "registered", "election", "office", "name")
SENSES = sayable("at most", "not before", "takes effect", "at most 7", "calendar", "working", "off", "counts")
KINDS = sayable("public", "leave", "weekend")
FIELDS = sayable(
    "block office",
    "block reason",
    "bytes here",
    "clarifications",
    "delegation date",
    "delegation number",
    "documents here",
    "extension date",
    "extension number",
    "former offices",
    "full name",
    "grade",
    "granted documents",
    "granted fields",
    "heard",
    "information number",
    "information source",
    "nik",
    "nip",
    "offence due calendar",
    "offence due rule",
    "offence minutes digest",
    "offence police number",
    "offence received date",
    "offence step number",
    "office region",
    "original",
    "overdue",
    "plenary decisions",
    "plenary digest",
    "position",
    "recommendation number",
    "reminded date",
    "reprimand date",
    "reprimand number",
    "role",
    "running clock",
    "silence date",
    "tracing date",
    "tracing number",
    "trouble",
    "unblock reason",
)


def law_texts() -> Iterator[str]:
    """The English words of the rules of the law, as far as they are neither templates nor there in Indonesian."""
    for rule in law.rules().values():
        texts = [rule.kind, rule.certainty, rule.note, rule.reading, *rule.says, *rule.others]
        texts += [] if rule.text_id else [rule.text]
        for each in texts:
            parts = each.parts.values() if isinstance(each, Worded) else (each,)
            yield from (part for part in parts if isinstance(part, str) and _ENGLISH.search(part))
    yield from (each.starts for each in deadlines.rules().values())
    yield from (each.note for each in calendar.decrees() if each.note)
    yield from (each.note for each in campaigns.pledges().values() if each.note)
    for election in known.all_known().versions.values():
        lines = (election.certainty, *(line.certainty for line in election.regions.values()))
        yield from (election.note, *lines) if election.note else lines
    yield from (line.certainty for each in offices.known().offices.values() for line in each.lines)
