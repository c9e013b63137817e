"""A CSV file as Windows, an old Mac or a web page writes it, in UTF-8: on the officer's machine, line by line as it was."""

import codecs
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

_IN_MEMORY = 64 * 1024 * 1024
_PART = 512 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def in_utf8(path: Path) -> IO[bytes]:
    """The bytes of a file, as they are if they are UTF-8; of one in UTF-16 or Windows-1252 the same text in UTF-8.

    Lines that only a carriage return parts, as Excel's "CSV (Macintosh)" has them, are parted by a line feed.
    """
    encoding, has_feeds = _encoding_of(path)
    if encoding == "utf-8" and has_feeds:
        return path.open("rb")
    written = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as file:
        while part := file.read(_PART):
            written.write(_with_feeds(decoder.decode(part), has_feeds).encode())
        written.write(_with_feeds(decoder.decode(b"", final=True), has_feeds).encode())
    written.seek(0)
    return written


def _with_feeds(text: str, has_feeds: bool) -> str:
    return text if has_feeds else text.replace("\r", "\n")


def _encoding_of(path: Path) -> tuple[str, bool]:
    """The encoding of a file, and whether a line feed stands in it, or nothing that would be one."""
    with path.open("rb") as file:
        first = file.read(_PART)
        has_feeds = b"\n" in first or b"\r" not in first
        if found := _utf16(first):
            return found, has_feeds
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while part := file.read(_PART):
                decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252", has_feeds
    return "utf-8", has_feeds


def _utf16(first: bytes) -> str:
    """The kind of UTF-16 by its mark, or by the zeros that every second byte of mostly Latin text is; empty if it is none."""
    if first.startswith(_UTF16):
        return "utf-16"
    head = first[:512]
    for kind, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) * 2 > len(zeros) and 0 not in others:
            return kind
    return ""
