"""Next step of a case: what its holder is to do, and by which day. Pure: the one answer to "who must act" for lists, acts and exports.

A step has a due date only if a letter or a rule sets one for it: the day by which an authority has to follow up is none of the
examiner's who verifies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from cooperation.monitoring.figures.case_status import (
    ACKNOWLEDGED,
    DECIDED,
    EXAMINED,
    NOT_YET_CONFORMS,
    NOT_YET_FOLLOWED_UP,
    OBJECTED,
    OPENED,
    RECOMMENDED,
    REFERRED,
    REGISTERED,
    REJECTED,
    REPORTED,
    REPORTED_IMPOSSIBLE,
    RETURNED,
    STUDIED,
    WITHDRAWN,
    CaseStatus,
)

Words = tuple[str, str]
"""Indonesian, English."""


@dataclass(frozen=True)
class NextStep:
    """A step that a case waits for: `words` by language (`id`, `en`), and the last day for it, None if none is set."""

    words: Mapping[str, str]
    due_date: date | None


FOLLOWS_UP = frozenset({RECOMMENDED, OPENED, ACKNOWLEDGED, DECIDED, NOT_YET_CONFORMS, NOT_YET_FOLLOWED_UP})
"""Stages in which the follow-up is awaited from the authority, by the due date of the recommendation."""

_STEPS: Mapping[str, Words] = {
    REGISTERED: ("menyelesaikan kajian hukum", "conclude the study"),
    STUDIED: ("meneruskan perkara kepada pemeriksa", "refer the matter to the examiner"),
    REFERRED: ("menerima penerusan atau mengembalikannya", "accept the referral or return it"),
    RETURNED: ("melengkapi perkara dan meneruskannya kembali", "complete the matter and refer it again"),
    EXAMINED: ("memeriksa dan memutuskan", "examine the matter and decide"),
    RECOMMENDED: ("membuka rekomendasi dan menindaklanjutinya", "open the recommendation and follow it up"),
    OPENED: (
        "mencatat rekomendasi sebagai diterima dan menindaklanjutinya",
        "acknowledge the recommendation and follow it up",
    ),
    ACKNOWLEDGED: (
        "menjatuhkan sanksi dan melaporkan tindak lanjut",
        "impose a sanction and report the follow-up",
    ),
    REJECTED: (
        "mengalamatkan rekomendasi kepada PPK yang benar atau mencabutnya",
        "address the recommendation to the right authority or withdraw it",
    ),
    OBJECTED: ("menjawab keberatan", "answer the objection"),
    DECIDED: ("melaporkan tindak lanjut", "report the follow-up"),
    REPORTED: ("memverifikasi tindak lanjut", "verify the follow-up"),
    REPORTED_IMPOSSIBLE: (
        "memverifikasi bahwa rekomendasi tidak dapat ditindaklanjuti",
        "verify that the recommendation cannot be followed up",
    ),
    NOT_YET_CONFORMS: ("menindaklanjuti sesuai dengan rekomendasi", "follow up as it was recommended"),
    NOT_YET_FOLLOWED_UP: ("menindaklanjuti rekomendasi", "follow up the recommendation"),
    WITHDRAWN: (
        "mengalamatkan rekomendasi kepada PPK yang benar",
        "address a recommendation to the right authority",
    ),
}
_CLARIFIES: Words = ("menjawab permintaan klarifikasi", "answer the request for clarification")


def next_step(case: CaseStatus) -> NextStep | None:
    """The step that the holder of a case is to take; None if it is nobody's turn."""
    if not case.holder or case.stage not in _STEPS:
        return None
    asked = case.stage == EXAMINED and case.holder == case.agency
    indonesian, english = _CLARIFIES if asked else _STEPS[case.stage]
    due = case.due_date if case.stage in FOLLOWS_UP and case.holder == case.agency else None
    return NextStep(MappingProxyType({"id": indonesian, "en": english}), due)
