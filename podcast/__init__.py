"""Self-hosted podcast publishing: audio files in; feed, pages and players out, on any S3-compatible storage."""

__version__ = "0.1.0"
