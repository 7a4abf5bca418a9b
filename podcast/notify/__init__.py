"""Telling the world that a feed was published: hubs, podping, Podcast Index, a command, a webhook.

What is to be told stands in the catalogue (``promise_notifications``) from the moment that a feed was read back until it was
told, so a failure never fails a publish and outlives a crash.
No storage and no rendering here; the clock and the way out are arguments.
"""

from .queue import Sent, send_due
from .settings import Settings, settings_of, silence, targets

__all__ = ["Sent", "Settings", "send_due", "settings_of", "silence", "targets"]
