"""The roles that a podcast:person may have, by their groups: the Podcasting 2.0 taxonomy, in small letters."""

from difflib import get_close_matches
from typing import Final

from podcast.errors import UsageError

#: Each role is followed by the next at a bar.
_GROUPS: Final = {
    "creative direction": "director|assistant director|executive producer|senior producer|producer|associate producer"
    "|development producer|creative director",
    "cast": "host|co-host|guest host|guest|voice actor|narrator|announcer|reporter",
    "writing": "author|editorial director|co-writer|writer|songwriter|guest writer|story editor|managing editor|script editor"
    "|script coordinator|researcher|editor|fact checker|translator|transcriber|logger",
    "audio production": "studio coordinator|technical director|technical manager|audio engineer|remote recording engineer"
    "|post production engineer",
    "audio post-production": "audio editor|sound designer|foley artist|composer|theme music|music production|music contributor",
    "administration": "production coordinator|booking coordinator|production assistant|content manager|marketing manager"
    "|sales representative|sales manager",
    "visuals": "graphic designer|cover art designer",
    "community": "social media manager",
    "misc.": "consultant|intern",
    "video production": "camera operator|lighting designer|camera grip|assistant camera",
    "video post-production": "editor|assistant editor",
}
ROLES: Final = {group: tuple(roles.split("|")) for group, roles in _GROUPS.items()}
#: The list itself spells it so, and reads it so from older feeds.
_SPELLED: Final = {"translater": "translator", "cohost": "co-host", "misc": "misc."}


def place(role: str, group: str) -> tuple[str, str]:
    """Return role and group as the taxonomy writes them; a role that is not of the cast finds its group by itself.

    UsageError, with the nearest name, for what the taxonomy does not have.
    """
    role, group = (_SPELLED.get(name, name) for name in (role.strip().lower(), group.strip().lower()))
    if group not in ROLES:
        raise _unknown("group", group, list(ROLES))
    if role in ROLES[group]:
        return role, group
    others = [other for other, roles in ROLES.items() if role in roles]
    if not others:
        raise _unknown("role", role, sorted({name for roles in ROLES.values() for name in roles}))
    if group != "cast":
        raise UsageError(f"The role {role!r} is not in the group {group!r}.", hint=f"It is in {others[0]!r}.")
    return role, others[0]


def _unknown(what: str, name: str, known: list[str]) -> UsageError:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Among them are: {', '.join(known[:12])}."
    return UsageError(f"{name!r} is no {what} of the Podcasting 2.0 taxonomy.", hint=hint)
