"""Categories of post: coarse, sourced, and refused where one would tell who it is."""

import pytest

from agreement.data_files import BrokenData
from agreement.parties import posts
from refusals import Malformed


def test_the_categories_are_those_of_the_published_figures():
    assert set(posts.posts()) == {
        "HIGH_LEADERSHIP",
        "ADMINISTRATOR",
        "IMPLEMENTER",
        "FUNCTIONAL",
        "TERRITORIAL_HEAD",
    }
    assert all("public_in" in post.unconfirmed for post in posts.posts().values())


@pytest.mark.parametrize("code", ["", *posts.posts()])
def test_any_category_may_be_told_of_somebody_at_a_regency(code: str):
    posts.check(code, "ppk-6202", field="post_category")


@pytest.mark.parametrize(
    ("code", "employer"), [("HIGH_LEADERSHIP", "bkn"), ("TERRITORIAL_HEAD", "kemendagri")]
)
def test_a_category_that_would_tell_who_it_is_is_refused(code: str, employer: str):
    with pytest.raises(Malformed) as refused:
        posts.check(code, employer, field="post_category")

    assert (refused.value.field, refused.value.reason) == ("post_category", "TELLS_WHO_IT_IS")


@pytest.mark.parametrize("code", ["SEKDA", "high_leadership", "JPT"])
def test_there_is_no_finer_code(code: str):
    with pytest.raises(Malformed):
        posts.check(code, "ppk-6202", field="post_category")


@pytest.mark.parametrize(
    "wrong",
    ['public_in = ["village"]', 'public_in = ["kota", "kota"]', 'public_in = ["kota"]\nholders = 3'],
)
def test_a_wrong_line_is_found(wrong: str):
    line = '[[post]]\ncode = "X"\ntitle_id = "X"\ntitle_en = "X"\nsource = "X"\n'

    assert set(posts.parse(line + 'public_in = ["kota"]')) == {"X"}
    with pytest.raises(BrokenData):
        posts.parse(line + wrong)
