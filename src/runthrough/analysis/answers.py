"""How good a spoken answer to "What are the limitations of your work?" is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runthrough.analysis.limitations import point
from runthrough.analysis.model import PART_NAMES, judge
from runthrough.analysis.sentences import says_something
from runthrough.talk import SentenceVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.talk import Evidence, Point, Transcript

# What a strong answer says.
ASKED = ("where", "why", "fix")


@dataclass(frozen=True, slots=True)
class LimitsHeard:
    """``points`` by their names in ``ASKED``; what deflects is quoted, the plainest first."""

    points: dict[str, Point]
    deflections: tuple[Evidence, ...]


def judge_limitations_answer(answer: Transcript, before: Sequence[str] = ()) -> LimitsHeard:
    """What ``answer`` says. Length, fluency and jargon count for nothing.

    ``before`` are the sentences the speaker said to the questions before it: "because of the
    noise" is a cause only of something. Nothing in them counts.
    """
    heard = [s for s in answer.sentences if says_something(s.text)]
    sentences = [
        SentenceVerdict(index, s.start_s, s.end_s, s.text, "limitations", 1.0)
        for index, s in enumerate(heard, len(before))
    ]
    scores = judge([*before, *(s.text for s in sentences)], is_talk=False)
    # A plain sentence after a dodge is heard too: the context of the one hides the other. So for
    # "where" alone: of the cures that are told, .92 are some in their context, and .88 with those
    # heard in a sentence by itself, on answers kept for choosing; of causes .88 and .86.
    parts = scores.parts.copy()
    where = PART_NAMES.index("where")
    for s in sentences:
        alone = judge([s.text], is_talk=False).parts[0, where]
        parts[s.index, where] = max(parts[s.index, where], alone)
    said = replace(scores, parts=parts)
    return LimitsHeard(
        points={name: point(sentences, said, name) for name in ASKED},
        deflections=tuple(
            sorted(
                point(sentences, scores, "deflect").evidence,
                key=lambda e: -scores.parts[e.sentence, PART_NAMES.index("deflect")],
            )
        ),
    )
