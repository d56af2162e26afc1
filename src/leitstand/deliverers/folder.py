"""How does an output become one JSON file in a folder, whole or not at all?"""

import asyncio
import hashlib
import os
from pathlib import Path
from urllib.parse import quote

from leitstand.domain.errors import DeliveryFailed, SettingInvalid
from leitstand.domain.policy import Delivery
from leitstand.ports import Transport

LONGEST_NAME = 200
"""Bytes; file systems allow 255 with the ending and the part's ending."""


class Folder:
    """A ``Deliverer`` that writes ``<key>.json``; the same key writes the same file again.

    The file appears by a rename after its content is on the disk, and the folder is synced after that: after a power
    cut there is the whole file or none. Hidden ``.part`` files are what a kill left; they may be deleted.
    """

    def __init__(self, delivery: Delivery, transport: Transport) -> None:
        del transport
        if not delivery.folder:
            raise SettingInvalid(
                name="delivery.folder", value='""', way_out="Name the folder: folder under [delivery]."
            )
        self._folder = Path(delivery.folder)

    async def deliver(self, *, key: str, body: bytes) -> str:
        """The name of the file; ``DeliveryFailed`` when it cannot be written."""
        try:
            return await asyncio.to_thread(self._write, key, body)
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise DeliveryFailed(kind="unwritable", receiver=str(self._folder), detail=detail) from error

    def _write(self, key: str, body: bytes) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{file_name(key)}.json"
        part = self._folder / f".{os.urandom(8).hex()}.part"
        try:
            with part.open("xb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._folder / name)
        finally:
            part.unlink(missing_ok=True)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name


def file_name(key: str) -> str:
    """A file name for a key: letters, digits, ``-``, ``_`` and inner dots stay, all else is percent-encoded.

    Different keys give different names; a key whose name would be too long ends in its SHA-256 instead.
    """
    name = quote(key, safe="", errors="surrogatepass").replace("~", "%7E")
    name = f"%2E{name[1:]}" if name.startswith(".") else name or "%"
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name[: LONGEST_NAME - 66]}%%{digest}"
