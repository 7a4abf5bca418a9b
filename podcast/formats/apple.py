"""Apple's list of categories: 19, most of them with further ones below; the only texts that itunes:category may hold."""

from difflib import get_close_matches
from typing import Final

from podcast.errors import UsageError
from podcast.model import Category

from .text import clean

CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "Arts": ("Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"),
    "Business": ("Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"),
    "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
    "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
    "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
    "Government": (),
    "History": (),
    "Health & Fitness": ("Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"),
    "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
    "Leisure": ("Animation & Manga", "Automotive", "Aviation", "Crafts", "Games", "Hobbies", "Home & Garden", "Video Games"),
    "Music": ("Music Commentary", "Music History", "Music Interviews"),
    "News": ("Business News", "Daily News", "Entertainment News", "News Commentary", "Politics", "Sports News", "Tech News"),
    "Religion & Spirituality": ("Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"),
    "Science": (
        "Astronomy",
        "Chemistry",
        "Earth Sciences",
        "Life Sciences",
        "Mathematics",
        "Natural Sciences",
        "Nature",
        "Physics",
        "Social Sciences",
    ),
    "Society & Culture": ("Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"),
    "Sports": (
        "Baseball",
        "Basketball",
        "Cricket",
        "Fantasy Sports",
        "Football",
        "Golf",
        "Hockey",
        "Rugby",
        "Running",
        "Soccer",
        "Swimming",
        "Tennis",
        "Volleyball",
        "Wilderness",
        "Wrestling",
    ),
    "Technology": (),
    "True Crime": (),
    "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
}


def category(given: str) -> Category:
    """Return the category written "News" or "News > Politics", in Apple's spelling; UsageError, with the nearest, for no such.

    >>> category("news>politics")
    Category(text='News', sub='Politics')
    """
    main, separator, sub = (clean(part, limit=100) for part in given.replace("›", ">").partition(">"))
    known = {name.casefold(): name for name in CATEGORIES}
    name = known.get(main.casefold())
    if name is None:
        raise _unknown(main, [*CATEGORIES, *(f"{name} > {sub}" for name, subs in CATEGORIES.items() for sub in subs)])
    if not separator:
        return Category(text=name)
    below = {one.casefold(): one for one in CATEGORIES[name]}
    if sub.casefold() not in below:
        raise _unknown(f"{name} > {sub}", [f"{name} > {one}" for one in CATEGORIES[name]] or [name])
    return Category(text=name, sub=below[sub.casefold()])


def _unknown(given: str, known: list[str]) -> UsageError:
    ends = {name.rpartition("> ")[2].casefold(): name for name in reversed(known)}
    near = get_close_matches(given.rpartition("> ")[2].casefold(), ends, n=1, cutoff=0.6)
    hint = f'Did you mean "{ends[near[0]]}"?' if near else f'Apple has: {", ".join(CATEGORIES)}; with more below: "News > Politics".'
    return UsageError(f"{given!r} is no category of Apple's." if given else "A category is empty.", hint=hint)
