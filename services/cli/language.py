"""Language of a session: what desks and this command say in words, as `--lang` or `NETRAL_LANG` has it.

None chosen: English, and both languages where both stand side by side. Names of options, fields and codes are the same in both.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

Chosen = Literal["id", "en"]

_INDONESIAN: Mapping[str, str] = {
    "refused": "ditolak",
    "field": "isian",
    "if you do it all the same, say why with --stated-reason": "jika tetap dilakukan, nyatakan alasannya dengan --stated-reason",
    "possible now": "yang dapat dilakukan sekarang",
    "possible next": "yang dapat dilakukan berikutnya",
}

_OPTION = "--lang"
_LANGUAGES: Mapping[str, Chosen] = {"id": "id", "en": "en"}
_chosen: list[Chosen] = []


def take(words: Sequence[str]) -> list[str]:
    """Take `--lang` out of the words of a command line, wherever it stands, or the language out of `NETRAL_LANG`.

    It is no option of a parser: every command would have to have it, and its conversion would slow down every help.

    Raises:
        SystemExit: there is no such language.
    """
    left, language = list(words), os.environ.get("NETRAL_LANG", "")
    if _OPTION in left and (at := left.index(_OPTION)) + 1 < len(left):
        language = left.pop(at + 1)
        left.pop(at)
    if language and language not in _LANGUAGES:
        print(f"{_OPTION}: {language} is none of: {', '.join(_LANGUAGES)}", file=sys.stderr)
        raise SystemExit(2)
    _chosen[:] = [_LANGUAGES[language]] if language else []
    return left


def chosen() -> Chosen | None:
    """The language of this run; None if none was chosen."""
    return _chosen[0] if _chosen else None


def said(text: str) -> str:
    """A text of this command in the chosen language."""
    return _INDONESIAN[text] if chosen() == "id" else text


def of_both(words: Mapping[str, str], *, both: bool = False) -> str:
    """Words that stand in both languages: those of the chosen one; without one English, or `both`."""
    language = chosen()
    if language is None and both:
        return f"{words['id']} / {words['en']}"
    return words[language or "en"]
