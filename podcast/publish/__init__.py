"""From the catalogue to what listeners see: a pure plan, and its application in an order that never breaks a feed.

Knows catalogue, storage, staging and the renderers; knows nothing of the command line or of HTTP.
"""
