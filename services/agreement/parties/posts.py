"""Categories of post (kategori jabatan), coarse enough to be told in public.

What post a person holds is in the sealed file. A category stands in signed statements for good, so it is refused where few
enough hold such a post that it would tell who it is (`posts.toml`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agreement import data_files
from agreement.parties import institutions
from refusals import Malformed

_FILE = "posts.toml"
_KINDS = {"agency", "ministry", "province", "kabupaten", "kota"}


@dataclass(frozen=True)
class Post:
    """A category of post; `public_in` are the kinds of institution in which it tells nobody's name.

    `unconfirmed` names what no text that could be read says.
    """

    code: str
    title_id: str
    public_in: frozenset[str]
    source: str
    unconfirmed: tuple[str, ...]


def parse(text: str) -> Mapping[str, Post]:
    """The categories of a file under their codes. Raises `BrokenData`."""
    found = []
    for entry in data_files.entries(_FILE, text, "code", "post")["post"]:
        post = Post(
            entry.text("code"),
            entry.text("title_id"),
            frozenset(entry.texts("public_in")),
            entry.text("source"),
            entry.optional("unconfirmed", entry.texts) or (),
        )
        entry.done()
        if not post.public_in <= _KINDS:
            raise entry.broken("public_in: not kinds of institution")
        found.append((post.code, post))
    return data_files.by_code(_FILE, found)


_POSTS = parse(data_files.read(_FILE))


def posts() -> Mapping[str, Post]:
    """Every category under its code, in the order of the file."""
    return _POSTS


def check(code: str, employer: str, *, field: str) -> None:
    """Refuse a category that there is not, or that would tell who somebody is at this employer. Empty: not stated.

    Raises:
        Malformed: naming the field.
    """
    if not code:
        return
    if code not in _POSTS:
        raise Malformed("not a category of post", field=field)
    if institutions.institution(employer).kind not in _POSTS[code].public_in:
        raise Malformed(
            "few hold such a post at this employer: it would tell who it is; leave it out",
            field=field,
            reason="TELLS_WHO_IT_IS",
        )
