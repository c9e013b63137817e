"""Reported person: strict identifiers by employment type. The values never appear in a message."""

from dataclasses import dataclass

from agreement.parties import identifiers
from refusals import Malformed


@dataclass(frozen=True, slots=True)
class Person:
    """A reported person (terlapor) as the request gives it."""

    full_name: str
    employment: str
    nip: str
    nik: str
    position: str
    grade: str
    unit: str


def check(person: Person) -> None:
    """Check the identifiers: NIP for PNS, NI PPPK for PPPK, NIK for PPNPN, who have no NIP.

    Raises:
        Malformed: naming the field, never the value.
    """
    if person.employment == "PPNPN":
        if person.nip:
            raise Malformed("PPNPN have no NIP", field="person.nip")
        identifiers.nik(person.nik, field="person.nik")
        return
    identifiers.nip(person.nip, person.employment, field="person.nip")
    if person.nik:
        identifiers.nik(person.nik, field="person.nik")
