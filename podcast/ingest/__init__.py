"""Here an audio file, with the sidecars beside it, becomes a ``Draft``; nothing knows of catalogue or storage.

Entry points: ``draft.read_draft`` and ``draft.read_audio``, ``scan.audio_files``, ``staging.Staging``.
mutagen, PyAV and Pillow are imported in this room alone, and never here: ``import podcast.ingest`` stays cheap.
"""
