"""What was measured on audio files, kept by their bytes: a decode of all of one takes seconds."""

import zlib
from collections.abc import Collection
from dataclasses import replace
from typing import Final

import msgspec
from sqlalchemy import Text, bindparam, delete, select, update

from podcast.model import Measured

from .database import Database
from .inserting import insert
from .tables import IS_PUBLISHED, episodes, measured

_ONE: Final = select(measured.c.facts, measured.c.peaks).where(measured.c.audio_sha256 == bindparam("wanted", type_=Text))


class Measurements(Database):
    """What a catalogue knows of the sound of files."""

    def measured(self, sha256: str) -> Measured | None:
        """Return what was measured on the file of this hash; None where nobody has, or the row is damaged."""
        with self._read() as connection:
            row = connection.execute(_ONE, {"wanted": sha256}).first()
        try:
            return row and replace(msgspec.json.decode(row.facts, type=Measured), peaks=zlib.decompress(row.peaks))
        except (msgspec.DecodeError, zlib.error):
            return None

    def unmeasured(self, hashes: Collection[str], version: int) -> set[str]:
        """Return those of the hashes whose files were never measured, or by an older version of the analysis."""
        query = select(measured.c.audio_sha256).where(measured.c.audio_sha256.in_(hashes), measured.c.version >= version)
        if not hashes:
            return set()
        with self._read() as connection:
            return set(hashes).difference(connection.scalars(query))

    def keep_measured(self, sha256: str, found: Measured) -> None:
        """Keep what was measured; the pages of public episodes with this sound are to be written again, for their waveform."""
        values = {
            "version": found.version,
            "facts": msgspec.json.encode(replace(found, peaks=b"")).decode(),
            "peaks": zlib.compress(found.peaks),
        }
        with self._write() as connection:
            statement = insert(connection, measured).values(audio_sha256=sha256, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["audio_sha256"], set_=values))
            connection.execute(update(episodes).where(episodes.c.audio_sha256 == sha256, IS_PUBLISHED).values(dirty=True))

    def drop_measured(self) -> None:
        """Forget what was measured on files that no episode has any more."""
        with self._write() as connection:
            connection.execute(delete(measured).where(measured.c.audio_sha256.not_in(select(episodes.c.audio_sha256))))
