"""The player backend: an ASGI app that answers for whatever storage holds, and the loop that runs it.

Bytes, headers and addresses only; rendering belongs to ``podcast.player``. Starlette and uvicorn are loaded here alone.
"""
