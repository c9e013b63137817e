"""Words of the agreement that help texts name, written out, because reading the agreement takes longer than printing a help.

A test compares them with the agreement's data.
"""

CAMPAIGN_ACTS = "pledge, roll-call, socialisation, task-force, internal-team, circular-passed-on"
REPORTED_ACTS = "roll-call, socialisation, circular-passed-on"
PLEDGE_READERS = "regional-head, regional-secretary, unit-head, employee"
BODIES = "task-force, internal-team"
CAMPAIGN_KINDS = "circular, campaign"
INDICATION_CHANNELS = "social-media, messages, press, in-person, told"
GUIDANCES = "reminded, corrected, counselled"
STAGES = (
    "tracing, closed, found, registered, studied, not-a-violation, referred, under-examination, "
    "returned, not-proven, recommended, withdrawn, verified"
)
BKN_OFFICES = (
    "PUSAT, KANREG-I, KANREG-II, KANREG-III, KANREG-IV, KANREG-V, KANREG-VI, KANREG-VII, "
    "KANREG-VIII, KANREG-IX, KANREG-X, KANREG-XI, KANREG-XII, KANREG-XIII, KANREG-XIV"
)
BLOCK_REASONS = "recommendation-received, overdue, warning-unheeded"
ANNUL_REASONS = "norms-not-restored, audit-unheeded"
UNBLOCK_REASONS = "followed-up, cannot-be-followed-up, withdrawn, court-decision, blocked-in-error"
OFFENCES = "UU7-2017-494, UU7-2017-547, UU10-2016-188, UU10-2016-187A, OTHER"
POSTS = "HIGH_LEADERSHIP, ADMINISTRATOR, IMPLEMENTER, FUNCTIONAL, TERRITORIAL_HEAD"
ERASURE_GROUNDS = "subject_request, retention_ended, no_longer_needed, unlawfully_obtained"
HOLD_REASONS = "court_case, examination, objection, audit"
DOCUMENT_KINDS = "study, evidence, minutes, letter, recommendation, decree"
DISCLOSED_DATA = "study, evidence, case-file, personnel-record, decree, recommendation"
DISCLOSURE_PURPOSES = "examination, follow-up-verification, monitoring, discipline, blocking, warning"
PERSONNEL_FACTS = "full-name, nip, nik, employment, position, grade, unit, discipline-history, data-blocked"
DISCLOSURE_REFUSALS = (
    "not-asked-for, basis-not-valid, agreement-closed, purpose-not-covered, not-a-party, "
    "nothing-to-give, other, role-not-held"
)
TABLES = "intake, handling, follow-up, sanctions, recommended-sanctions, siptl, overdue, siptl-list"
FIGURES = (
    "proven-rate, follow-up-rate, on-time-rate, conforming-rate, cannot-rate, overdue-rate, blocked-rate"
)
