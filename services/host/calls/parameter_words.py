"""Words for the codes that refusals name: a state, a class of sanction, an institution, in the language of the caller.

They are those of timelines and packs (`audit.packs.timeline`), so that an officer reads one word everywhere. For programs the codes
themselves stand in the status (`ErrorInfo.metadata`).
"""

from collections.abc import Mapping

from audit.packs.formats import LANGUAGES
from audit.packs.timeline.officers_words import OfficersWords
from refusals import ActWarning, Parameter, Refusal, catalogue

_LISTS: Mapping[str, tuple[str, ...]] = {
    "state": ("state",),
    "stage": ("state",),
    "imposed": ("sanction_class",),
    "recommended": ("sanction_class",),
    "last": ("sanction", "offence_step"),
    "step": ("offence_step",),
    "remedy": ("ppk.AppealKind",),
    "institution": ("institution",),
    "successor": ("institution",),
}
"""The lists of codes that a parameter is of, by its name."""


def in_words(text: Refusal | ActWarning, language: str) -> str:
    """A refusal or a warning as people read it."""
    return catalogue.render(text, language, _word)


def _word(name: str, value: Parameter, language: str) -> Parameter:
    lists = _LISTS.get(name)
    spoken = next((each for each in LANGUAGES if each == language), None)
    if lists is None or spoken is None or not isinstance(value, str):
        return value
    return OfficersWords(spoken).code(value, *lists)
