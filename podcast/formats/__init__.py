"""Bytes and text to the model and back: feeds, chapters, transcripts, show notes, and the cleaning of untrusted text.

Pure functions. No file, no network, no clock and no random number here; nothing above ``podcast.site`` is imported.
Only ``rss.py`` may load feedgen, only it and ``feed_reader.py`` lxml; ``text.py`` loads nothing heavy.
"""
