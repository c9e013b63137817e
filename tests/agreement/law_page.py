"""Prints the law as a page that a lawyer can check (`make law`): every case with the answer of the rules, then every rule.

Markdown, the same for the same data.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import test_elections_cases

from agreement import law
from support import law_cases

Row = tuple[str, str, str, str, str, str, str]
_HEAD: Row = (
    "case",
    "question and facts",
    "expected",
    "the rules say",
    "clause",
    "certainty",
    "source and note",
)


def page() -> Iterator[str]:
    """The lines of the page."""
    tables = _law_tables()
    for topic, rows in _election_tables().items():
        tables[topic] = [*tables.get(topic, []), *rows]
    yield "# The law as Netral has it"
    yield ""
    yield "Each case is asked of the rules themselves. Certainty: confirmed: the clause was read; quoted; press; open: not settled,"
    yield "and the rules have every reading. A correction goes into the data file that the rule stands in, with its source."
    yield ""
    yield from _table(
        ("topic", "cases", "open"),
        [(topic, str(len(rows)), str(_open(rows))) for topic, rows in tables.items()],
    )
    for topic, rows in tables.items():
        yield from ("", f"## Cases: {topic}", "")
        yield from _table(_HEAD, rows)
    yield from _rules()


def _open(rows: Iterable[Row]) -> int:
    return sum(row[5] == "open" for row in rows)


def _law_tables() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for case in law_cases.ALL:
        said = law_cases.ASKED[case.ask](case.facts)
        answers = [_words(said.value), *(f"or {_words(each)}" for each in said.others)]
        found.setdefault(case.topic, []).append(
            (
                case.id,
                _question(case.question, case.facts),
                _with(case.expected, case.alternative),
                "; ".join(answers),
                case.article,
                case.certainty,
                _with(case.source, case.note),
            )
        )
    return found


def _election_tables() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for case in test_elections_cases._CASES:
        answers = test_elections_cases._ANSWERS[case["topic"]](case["facts"])
        found.setdefault(case["topic"], []).append(
            (
                case["id"],
                _question(case["question"], case["facts"]),
                _with(case["expected"], case.get("alternative", "")),
                "; ".join(sorted(filter(None, answers))),
                case.get("article", ""),
                case["certainty"],
                _with(case["source"], case.get("note", "")),
            )
        )
    return found


def _rules() -> Iterator[str]:
    kinds = dict.fromkeys(each.kind for each in law.rules().values())
    for kind in kinds:
        yield from ("", f"## Rules: {kind}", "")
        rows = [
            (
                each.id,
                _with(each.text, "; ".join(each.says)),
                each.clause,
                _with(each.reading, "; ".join(f"or {one}" for one in each.others)),
                each.certainty,
                f"{each.since or ''} – {each.until or ''}",
                _with(each.source, each.note),
            )
            for each in law.rules().values()
            if each.kind == kind
        ]
        yield from _table(
            ("rule", "says", "clause", "reading", "certainty", "in force", "source and note"), rows
        )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(each.replace('|', '/') for each in row)} |"


def _question(question: str, facts: law_cases.Facts) -> str:
    return _with(question, ", ".join(f"{name}: {_words(value)}" for name, value in facts.items()))


def _with(text: str, more: str) -> str:
    return f"{text} ({more})" if text and more else text or more


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value))
    return value.isoformat() if isinstance(value, date) else str(value)


if __name__ == "__main__":
    print("\n".join(page()))
