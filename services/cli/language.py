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
    """Take `--lang id` or `--lang=id` out of a command line, wherever it stands, or the language out of `NETRAL_LANG`.

    It is no option of a parser: every command would have to have it, and its conversion would slow down every help.

    Raises:
        SystemExit: there is no such language.
    """
    left, language, given = list(words), os.environ.get("NETRAL_LANG", ""), False
    for at, word in enumerate(words):
        if word == _OPTION or word.startswith(f"{_OPTION}="):
            taken = words[at : at + 1 if "=" in word else at + 2]
            language, given = "=".join(taken).partition("=")[2], True
            del left[at : at + len(taken)]
            break
    if (language or given) and language not in _LANGUAGES:
        none_of = f"{language or 'nothing'} is none of: {', '.join(_LANGUAGES)}"
        print(f"{_OPTION}: {none_of}", file=sys.stderr)
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
