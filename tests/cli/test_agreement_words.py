"""The words that help texts name are those of the agreement's data."""

from collections.abc import Iterable

from agreement.enforcement import offences, oversight
from agreement.information import disclosure, retention
from agreement.parties import offices, posts
from agreement.prevention import campaigns, supervision
from cli import agreement_words as words
from cli.cooperation import table_words, tables
from cooperation.monitoring.figures import definitions, escalation, published_tables
from netral.disclosure.v1 import events_pb2


def typed(codes: Iterable[str]) -> str:
    """Codes as they are typed."""
    return ", ".join(code.lower().replace("_", "-") for code in codes)


def test_words_of_prevention_and_supervision_are_those_of_the_agreement() -> None:
    acts = campaigns.acts()

    assert typed(acts) == words.CAMPAIGN_ACTS
    assert typed(act.code for act in acts.values() if not act.list and not act.once) == words.REPORTED_ACTS
    assert typed(act.code for act in acts.values() if act.once) == words.BODIES
    assert typed(campaigns.kinds()) == words.CAMPAIGN_KINDS
    assert typed(campaigns.readers()) == words.PLEDGE_READERS
    assert typed(supervision.channels()) == words.INDICATION_CHANNELS
    assert typed(supervision.guidances()) == words.GUIDANCES
    assert typed(supervision.stages()) == words.STAGES


def test_words_of_oversight_and_posts_are_those_of_the_agreement() -> None:
    assert ", ".join(offices.offices(offices.BKN)) == words.BKN_OFFICES
    assert typed(oversight.block_reasons()) == words.BLOCK_REASONS
    assert typed(oversight.unblock_reasons()) == words.UNBLOCK_REASONS
    assert ", ".join(posts.posts()) == words.POSTS
    assert ", ".join(offences.offences()) == words.OFFENCES
    assert ", ".join(definitions.BY_ID) == words.FIGURES
    assert ", ".join([*published_tables.TABLES, *tables._LISTS]) == words.TABLES


def test_words_of_disclosure_and_erasure_are_those_of_the_agreement() -> None:
    refusals = [name.removeprefix("REFUSAL_REASON_") for name in events_pb2.RefusalReason.keys()[1:]]

    assert ", ".join(retention.grounds()).lower() == words.ERASURE_GROUNDS
    assert ", ".join(retention.hold_reasons()).lower() == words.HOLD_REASONS
    assert ", ".join(disclosure.kinds()).lower() == words.DOCUMENT_KINDS
    assert typed(disclosure.data_words()) == words.DISCLOSED_DATA
    assert typed(disclosure.purposes()) == words.DISCLOSURE_PURPOSES
    assert typed(disclosure.facts()) == words.PERSONNEL_FACTS
    assert typed(refusals) == words.DISCLOSURE_REFUSALS


def test_every_step_and_dimension_of_a_table_has_a_word_in_two_languages() -> None:
    dimensions = {row for table in published_tables.TABLES.values() for row in table.rows}
    given = [(table_words.STEPS, set(escalation.STEPS)), (table_words.ROWS, dimensions)]
    for listed, wanted in given:
        assert wanted <= set(listed)
        assert all(all(pair) for word, pair in listed.items() if word)
