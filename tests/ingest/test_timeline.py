"""What runs along with an episode is where it is heard, after a cut and back again."""

import pytest

from podcast.ingest.masters import Result
from podcast.ingest.timeline import move_chapters, move_cues
from podcast.model import Chapter, Cue

#: Three seconds cut off; and with an intro that the recording follows at five.
WHOLE, CUT, INTRO = Result(), Result(shift=-3.0), Result(shift=2.0, begins=5.0)


@pytest.mark.parametrize(
    ("old", "new", "starts", "moved"),
    [
        (WHOLE, CUT, [0, 1, 9], [0, 6]),
        (WHOLE, INTRO, [0, 9], [5, 11]),
        (CUT, WHOLE, [0, 6], [0, 9]),
        (INTRO, WHOLE, [5, 11], [0, 9]),
        (INTRO, CUT, [5, 11], [0, 6]),
        # What begins after the end goes.
        (WHOLE, INTRO, [0, 58], [5]),
    ],
)
def test_chapters_stay_with_what_is_said(old: Result, new: Result, starts: list[float], moved: list[float]) -> None:
    chapters = [Chapter(start=start, title=f"{start}", end=start + 1) for start in starts]
    found = move_chapters(chapters, old, new, 60)
    assert moved == [chapter.start for chapter in found]
    assert all(chapter.end is not None and 0 <= chapter.end <= 60 for chapter in found)


def test_cues_that_are_not_heard_any_more_go() -> None:
    cues = [Cue(start=0, end=2, text="a"), Cue(start=2, end=5, text="b"), Cue(start=9, end=12, text="c")]
    assert [(0, 2, "b"), (6, 9, "c")] == [(cue.start, cue.end, cue.text) for cue in move_cues(cues, -3, 60)]
    assert ["a", "b"] == [cue.text for cue in move_cues(cues, 3, 11)]
