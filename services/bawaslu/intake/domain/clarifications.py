"""Clarifications (klarifikasi) of a registered report or finding: who was invited, who came, the minutes' digest."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Clarification:
    """An invitation (undangan) and what came of it. Digests are lower-case hex, dates legal dates of the desk.

    `whom`: REPORTER, REPORTED, WITNESS or EXPERT (pelapor, terlapor, saksi, ahli); `matter` names the reported person.
    `outcome`: empty while it is to come, HELD or ABSENT (tidak hadir); the minutes (berita acara) of HELD by digest.
    """

    invitation_number: str
    invitation_date: date
    session_date: date
    whom: str
    matter: str = ""
    outcome: str = ""
    held_date: date | None = None
    minutes_digest: str = ""
