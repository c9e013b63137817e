"""Text of files that people and other programs write: UTF-8 with or without its mark, UTF-16 with one, Windows-1252. No I/O."""

import codecs

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_of(data: bytes) -> str:
    """The text of a small file, whatever it is written in.

    Raises:
        UnicodeDecodeError: it is no text: bytes that no letter of Windows-1252 has, or half a letter of UTF-16.
    """
    if data.startswith(_UTF16):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")
