"""The line that a message names is the one where the mistake stands."""

import pytest

from podcast.config import find_line

TEXT = """\
title = "x"
link = {url = "y"}
[[value]]
type = "a"
[[value.recipients]]
split = 1
[[value.recipients]]
split = 2
[[value]]
type = "b"
[[value.recipients]]
split = 3
[value.plan]
"any" = 1
deep.er = 2
[storage]
url = "public"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("link", "url"), 2),
        (("value",), 3),
        (("value", 0, "type"), 4),
        (("value", 0, "recipients"), 5),
        (("value", 0, "recipients", 0, "split"), 6),
        (("value", 0, "recipients", 1), 7),
        (("value", 0, "recipients", 1, "split"), 8),
        (("value", 0, "recipients", 1, "gone"), 7),
        (("value", 1), 9),
        (("value", 1, "type"), 10),
        (("value", 1, "recipients", 0, "split"), 12),
        (("value", 1, "plan", "any"), 14),
        (("value", 1, "plan", "deep", "er"), 15),
        (("storage", "url"), 17),
        (("storage", "gone"), 16),
        (("gone",), 1),
    ],
)
def test_a_key_is_found_where_it_stands(path: tuple[str | int, ...], line: int) -> None:
    assert line == find_line(TEXT, path)
