"""Strict forms of the identifiers and letter numbers that the agencies use.

Each function gives back the same text or raises `Malformed` on the caller's `field`; there is one spelling of
each identifier, so nothing is trimmed or repaired. Digits are ASCII (`\\d` and `int` take others). No message
repeats a value: it may be a person's. Whether a person or letter exists is left to the registers.
"""

import re
import unicodedata
from datetime import date

from agreement.parties import regions
from refusals import Malformed

_EIGHTEEN = re.compile(r"[0-9]{18}")
_SIXTEEN = re.compile(r"[0-9]{16}")
_KASN = re.compile(
    r"[RB]-[1-9][0-9]{0,4}/"
    r"(?:KASN/(?:1[0-2]|[1-9])|[A-Z]{2}\.[0-9]{2}(?:\.[0-9]{2})?/(?:0[1-9]|1[0-2]))"
    r"/20[0-9]{2}"
)
_PRINTABLE = re.compile(r"[!-~](?:[ -~]{0,58}[!-~])?")
_LISTED = re.compile(r"[ ,;]+")
_DATE = re.compile(
    r"(?P<y>[0-9]{4})([-/.])(?P<m>[0-9]{2})\2(?P<d>[0-9]{2})|(?P<day>[0-9]{2})([-/.])(?P<month>[0-9]{2})\6(?P<year>[0-9]{4})"
)
# Digits of any script, in groups that up to three signs part: blanks, dots, hyphens, strokes.
_GROUPS = re.compile(r"\d+(?:[\W_]{1,3}\d+)*")
# Without IGNORECASE, which would look at each character in three ways: every call is looked through.
_HEX = "[0-9a-fA-F]"
_IDS = re.compile(rf"\b(?:{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}|{_HEX}{{64}})\b")
_SHA256 = re.compile(r"[0-9a-f]{64}")


_NUMBERED_AS = {"CPNS": "PNS", "PPPK_PW": "PPPK"}


def nip(text: str, employment: str, *, field: str = "nip") -> str:
    """NIP of a PNS, or NI PPPK: 18 digits without blanks (Perka BKN 22/2007).

    1-8 date of birth, 9-12 year and 13-14 month of appointment (TMT CPNS), 15 sex (1 male, 2 female), 16-18
    sequence from 001. For PPPK 13-14 is a code that may exceed 12. Birth is a real date from 1900 on and
    precedes the appointment. `employment` is PNS or CPNS, PPPK or PPPK_PW (paruh waktu), or PPNPN; contract
    staff (PPNPN) have no NIP, so that is refused too.
    """
    if employment == "PPNPN":
        raise Malformed("contract staff (PPNPN) have no NIP; give the NIK", field=field)
    employment = _NUMBERED_AS.get(employment, employment)
    if employment not in ("PNS", "PPPK"):
        raise Malformed("employment is neither PNS, PPPK nor PPNPN", field=field)
    if not _EIGHTEEN.fullmatch(text):
        raise Malformed("NIP is not 18 digits", field=field)
    born = _real_date(text[0:4], text[4:6], text[6:8])
    if born is None or born.year < 1900:
        raise Malformed("NIP does not begin with a date of birth", field=field)
    if employment == "PNS" and not "01" <= text[12:14] <= "12":
        raise Malformed("NIP has no month of appointment at digits 13-14", field=field)
    # YYYYMM of both; the code of a PPPK is no month, so there only the years compare.
    digits = 6 if employment == "PNS" else 4
    if text[8 : 8 + digits] <= text[:digits]:
        raise Malformed("NIP has an appointment that is not after the birth", field=field)
    if text[14] not in "12":
        raise Malformed("NIP has neither 1 nor 2 at digit 15", field=field)
    if text[15:18] == "000":
        raise Malformed("NIP has the sequence 000", field=field)
    return text


def nik(text: str, *, field: str = "nik") -> str:
    """NIK, the number of the identity card: 16 digits without blanks.

    1-2 province, 3-4 regency or city, 5-6 district, 7-12 birth as DDMMYY (women: day + 40), 13-16 sequence
    from 0001. The region is the one of the first registration and keeps its code of that time, so it is not
    looked up.
    """
    if not _SIXTEEN.fullmatch(text):
        raise Malformed("NIK is not 16 digits", field=field)
    if text[0] == "0" or "00" in (text[2:4], text[4:6]):
        raise Malformed("NIK does not begin with a region", field=field)
    day = int(text[6:8])
    day = day - 40 if day > 40 else day
    # The century is not in the number. 2000 + YY is a leap year exactly if one of the two possible years is.
    if _real_date(f"20{text[10:12]}", text[8:10], f"{day:02}") is None:
        raise Malformed("NIK has no date of birth at digits 7-12", field=field)
    if text[12:16] == "0000":
        raise Malformed("NIK has the sequence 0000", field=field)
    return text


def kasn_letter(text: str, *, field: str = "letter_number") -> str:
    """Number of a letter of KASN: `R-1943/KASN/7/2020` (month 1-12) or `B-1444/JP.01/04/2022` (month 01-12).

    R is secret (rahasia), B ordinary (biasa); number 1-99999 without leading zeros, year from 2000. Other
    examiners number otherwise: use `decree_number` for theirs.
    """
    if not _KASN.fullmatch(text):
        raise Malformed("not a letter number of KASN such as R-1943/KASN/7/2020", field=field)
    return text


def region_code(text: str, *, field: str = "region") -> str:
    """Kemendagri code of a province (`62`) or of a regency or city (`62.02`) that exists in `regions`."""
    return regions.region(text, field=field).code


def decree_number(text: str, *, field: str = "decree_number") -> str:
    """Number of a letter or decree whose form the agreement does not fix, such as `800/966/SET`.

    1-60 printable ASCII characters, no blank at an end. These numbers travel in the open, so what holds a NIK or
    NIP is refused.
    """
    if not _PRINTABLE.fullmatch(text):
        raise Malformed("not a letter number of 1-60 printable characters", field=field)
    if holds_personal_number(text):
        raise Malformed("looks like a NIK or NIP, not like a letter number", field=field)
    return text


def holds_personal_number(text: str) -> bool:
    """True if a NIP or NIK may stand in a text that travels in the open.

    Found are digits in a row, and groups of digits, that are together a plausible NIP or NIK, whatever signs part them:
    `19900101 201503 1 001`, `NIP. 19900101-201503-1-001`. Ids (UUIDs) and SHA-256 digests in a text are none, nor are letter
    numbers such as `0211.1/HM.02.00/K1/01/2023`, lists of dates or of codes of regions, or numbers of as many digits in which
    no date of birth stands.
    """
    if len(text) < 16:
        return False
    text = _IDS.sub("id", text if text.isascii() else unicodedata.normalize("NFKC", text))
    if sum(map(str.isdecimal, text)) < 16:
        return False
    return any(_is_one_of_a_person(found.group()) for found in _GROUPS.finditer(text))


def _is_one_of_a_person(chunk: str) -> bool:
    """True if following groups of digits in a chunk are a plausible NIP or NIK, or one of them holds one."""
    if all(map(_is_date_or_region, _LISTED.split(chunk))):
        return False
    groups = [_ascii(group) for group in re.findall(r"\d+", chunk)]
    for first in range(len(groups)):
        number = ""
        for group in groups[first:]:
            number += group
            if len(number) > 18:
                break
            if _is_plausible(number):
                return True
    return any(_holds_one(group) for group in groups if len(group) > 16)


def _holds_one(group: str) -> bool:
    """True if digits in a row hold a plausible NIP, or begin or end with a plausible NIK."""
    nips = (group[at : at + 18] for at in range(len(group) - 17))
    return any(map(_is_plausible, (*nips, group[:16], group[-16:])))


def _is_date_or_region(text: str) -> bool:
    if found := _DATE.fullmatch(text):
        return (
            _real_date(found["y"] or found["year"], found["m"] or found["month"], found["d"] or found["day"])
            is not None
        )
    return text in regions.regions()


def _is_plausible(number: str) -> bool:
    try:
        if len(number) == 18:
            nip(number, "PPPK")
        elif len(number) == 16:
            nik(number)
        else:
            return False
    except Malformed:
        return False
    return True


def _ascii(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.decimal(each)) for each in digits)


def sha256_hex(text: str, *, field: str = "digest") -> str:
    """A SHA-256 digest as 64 lower-case hexadecimal digits (FIPS 180-4)."""
    if not _SHA256.fullmatch(text):
        raise Malformed("not a SHA-256 digest in 64 lower-case hexadecimal digits", field=field)
    return text


def _real_date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
