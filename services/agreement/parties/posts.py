"""Categories of post (kategori jabatan), coarse enough to be told in public.

What post a person holds is in the sealed file. A category stands in signed statements for good, so it is refused where few
enough hold such a post that it would tell who it is (`posts.toml`).
"""

from collections.abc import Mapping
from functools import cache

from agreement import data_files
from agreement.parties import institutions
from refusals import Malformed

_FILE = "posts.toml"


class Post(data_files.Model):
    """A category of post; `public_in` are the kinds of institution in which it tells nobody's name.

    `unconfirmed` names what no text that could be read says.
    """

    code: data_files.Text
    title_id: data_files.Text
    title_en: data_files.Text
    public_in: data_files.SetOf[institutions.Kind]
    source: data_files.Text
    unconfirmed: data_files.Texts = ()


class _File(data_files.Model):
    post: data_files.Entries[Post]


def parse(text: str) -> Mapping[str, Post]:
    """The categories of a file under their codes. Raises `BrokenData`."""
    found = data_files.parse(_File, _FILE, text)
    return data_files.index(_FILE, found.post, lambda each: each.code)


@cache
def posts() -> Mapping[str, Post]:
    """Every category under its code, in the order of the file."""
    return parse(data_files.read(_FILE))


def check(code: str, employer: str, *, field: str) -> None:
    """Refuse a category that there is not, or that would tell who somebody is at this employer. Empty: not stated.

    Raises:
        Malformed: naming the field.
    """
    if not code:
        return
    if code not in posts():
        raise Malformed("not a category of post", field=field)
    if institutions.institution(employer).kind not in posts()[code].public_in:
        raise Malformed(
            "few hold such a post at this employer: it would tell who it is; leave it out",
            field=field,
            reason="TELLS_WHO_IT_IS",
        )
