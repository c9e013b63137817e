"""Texts of refusals in the languages of their readers, out of one catalogue (gettext).

English is the language of the templates, and of everything that is kept: receipts and records never depend on a caller's
language. `refusals.pot` lists every template, `id.po` has the Indonesian ones.
`make catalogue` writes both again from the code.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from refusals import ActWarning, ReasonNeeded, Refusal, fill

# A host that is asked in English only never imports babel.
if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH, INDONESIAN = "en", "id"
LANGUAGES = (ENGLISH, INDONESIAN)
_THINGS: Mapping[str, Mapping[str, str]] = {
    INDONESIAN: {
        "campaign": "kampanye",
        "disclosure": "pengungkapan",
        "document": "dokumen",
        "erasure": "penghapusan",
        "indication": "indikasi",
        "intake": "berkas masuk",
        "list": "daftar",
        "matter": "perkara",
        "notice": "pemberitahuan",
        "plan": "rencana",
        "watched matter": "perkara yang diawasi",
    }
}
"""Words for what a party may not have, which `{thing}` of a template names."""


def language_of(accept_language: str) -> str:
    """The language to answer in, of an `Accept-Language` (RFC 9110 §12.5.4) such as `id-ID, en;q=0.5`; English if in doubt."""
    if not accept_language:
        return ENGLISH
    from babel import negotiate_locale

    wanted = [_weighed(part) for part in accept_language.split(",")]
    wanted.sort(key=lambda each: -each[0])  # sorting is stable: of equal weight, the first stands first
    named = [tag for weight, tag in wanted if weight > 0]
    return negotiate_locale(named, LANGUAGES, sep="-") or ENGLISH


def _weighed(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


def render(text: Refusal | ActWarning, language: str) -> str:
    """The text of a refusal or warning in a language; English where there is no translation."""
    if language == ENGLISH:
        return text.message
    parameters = dict(text.parameters)
    if isinstance(text, ReasonNeeded):
        parameters["warnings"] = "; ".join(render(each, language) for each in text.warnings)
    if "thing" in parameters:
        thing = str(parameters["thing"])
        parameters["thing"] = _THINGS[language].get(thing, thing)
    translated = fill(_translated(language, text.template), parameters)
    if isinstance(text, Refusal) and text.meant:
        translated += f"; apakah maksudnya {' atau '.join(text.meant)}?"
    return translated


def _translated(language: str, template: str) -> str:
    message = messages(language).get(template)
    return str(message.string) if message is not None and message.string else template


@cache
def messages(language: str) -> "Catalog":
    """The catalogue of a language: `message.id` is the English template."""
    from babel.messages.pofile import read_po

    with resources.files("refusals").joinpath(f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)
