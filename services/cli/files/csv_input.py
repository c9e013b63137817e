"""A CSV file as Windows writes it, in UTF-8: on the officer's machine, line by line as it was."""

import codecs
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

_IN_MEMORY = 64 * 1024 * 1024
_PART = 512 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def in_utf8(path: Path) -> IO[bytes]:
    """The bytes of a file, as they are if they are UTF-8; of one in UTF-16 (by its mark) or Windows-1252 the same text in UTF-8."""
    encoding = _encoding_of(path)
    if encoding == "utf-8":
        return path.open("rb")
    written = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as file:
        while part := file.read(_PART):
            written.write(decoder.decode(part).encode())
        written.write(decoder.decode(b"", final=True).encode())
    written.seek(0)
    return written


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while part := file.read(_PART):
                decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"
