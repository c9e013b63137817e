"""Language of a session: what desks and this command say in words, as `--lang` or `NETRAL_LANG` has it.

None chosen: English; published tables, which are Indonesian papers, stay so. Names of options, fields and codes are the same in both.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cli.deferred_imports import deferred_imports

if TYPE_CHECKING:
    from refusals import Refusal

with deferred_imports():
    from audit.packs.timeline import act_words

Chosen = Literal["id", "en"]

Parameter = str | int | float | date | Path | Exception | None

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


def said(text: str, /, **parameters: Parameter) -> str:
    """A text of this command in the chosen language, its places filled: `said("{count} rows", count=3)`.

    The Indonesian ones stand in the catalogue of `cli.words`; what is not there stays as it is.
    """
    template = _indonesian().get(text, text) if chosen() == "id" else text
    return template.format(**parameters) if parameters else template


def in_session(text: str) -> str:
    """A text in the chosen language, if it knows its template (`agreement.wording`): so do rules and explanations of due dates."""
    template = getattr(text, "template", None)
    if chosen() != "id":
        return text
    if template is None:
        return said(text)
    parts = getattr(text, "parts", {})
    return said(
        template,
        **{name: in_session(part) if isinstance(part, str) else part for name, part in parts.items()},
    )


def field_name(name: str) -> str:
    """The name of a field of a contract for people: as packs label it, in Indonesian; in English as it is."""
    words = name.replace("_", " ")
    if chosen() != "id":
        return words
    label = act_words.field_words(name).get("id", words)
    usual = label[:1].lower() + label[1:] if label[1:2].islower() else label
    return _indonesian().get(words) or usual


def sayable(*texts: str) -> Sequence[str]:
    """Texts that are said later, where they are read out of a variable: so they stand in the catalogue."""
    return texts


@cache
def _indonesian() -> Mapping[str, str]:
    # Nobody else waits for babel.
    from babel.messages.pofile import read_po

    with resources.files("cli.words").joinpath("id.po").open("rb") as file:
        return {
            str(each.id): str(each.string) for each in read_po(file, locale="id") if each.id and each.string
        }


def refusal_text(refusal: "Refusal") -> str:
    """The text of a refusal that no desk sent, in the chosen language."""
    from refusals import catalogue

    return catalogue.render(refusal, chosen() or catalogue.ENGLISH)


_OF_FILES = sayable(
    "No such file or directory",
    "Permission denied",
    "Operation not permitted",
    "Is a directory",
    "Not a directory",
    "No space left on device",
    "Read-only file system",
)


def why(error: OSError) -> str:
    """The reason why a file could not be read or written, in the chosen language where it has words for it."""
    return said(error.strerror or str(error))


def did_you_mean(found: Sequence[str]) -> str:
    """The end of a sentence on what is not there: what may be meant instead; nothing if nothing is alike."""
    if not found:
        return ""
    return said("; did you mean {value}?", value=f" {said('or')} ".join(found))


def of_both(words: Mapping[str, str]) -> str:
    """Words that stand in both languages: those of the chosen one; without one English."""
    return words[chosen() or "en"]
