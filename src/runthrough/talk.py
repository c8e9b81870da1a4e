"""The values every other module speaks in: what a talk is, what was said, what was found.

Everything here is frozen and plain. Times are seconds from the start of the take as floats and
carry ``_s``; they are ``None`` where the input had no times. Nothing here reads files or knows
JSON (that is ``wire``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

# The labels a sentence can carry. The first seven are what a talk is asked for.
CONTENT_SECTIONS = (
    "problem",
    "motivation",
    "related_work",
    "method",
    "experiments",
    "results",
    "limitations",
)
SENTENCE_SECTIONS = (*CONTENT_SECTIONS, "conclusion", "other")
RIGOR_ITEMS = (
    "hypothesis",
    "baselines",
    "ablation",
    "metrics",
    "significance",
    "seeds",
    "negative_result",
    "compute",
    "data",
)
# The finding that only asks, “Is this your limitation?”.
POSSIBLE_LIMIT = "limitations.possible"
# What stands for the status of a section where nothing could be judged.
NOT_JUDGED = "not judged"
# Sound that is shorter than it was by less lost nothing that was said.
_LOST_S = 1.0
# No talk is longer, in seconds: a day.
LONGEST_S = 24 * 3600.0
# Words a minute that are easy to follow. Lectures are given at 140 on average (Tauroza and Allison,
# "Speech rates in British English", 1990); a talk with figures to look at may be slower.
SLOW_WPM, FAST_WPM = PACE_BAND = (100.0, 165.0)


# --- what is planned -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a talk format. ``questions`` guide a speaker who has no slides."""

    id: str
    title: str
    planned_s: float
    required: bool = True
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TalkFormat:
    """The shape of a talk: its sections in the order they are planned."""

    id: str
    title: str
    sections: tuple[Section, ...]

    @property
    def planned_s(self) -> float:
        """The length of the whole talk in seconds."""
        return sum(section.planned_s for section in self.sections)

    def with_plan(self, planned_s: Sequence[float]) -> TalkFormat:
        """The same sections with other planned times, in their order."""
        pairs = zip(self.sections, planned_s, strict=True)
        return replace(self, sections=tuple(replace(s, planned_s=p) for s, p in pairs))


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk being prepared. ``notes`` and ``vocabulary`` give the recogniser its words.

    ``slides`` is the name of the PDF the talk's slides came from, empty if it has none;
    ``slide_sections`` are ties made by hand, section id by slide number from 1. ``plan_s`` is the
    talk's own plan in place of its format's: seconds by section id, for ``plan_format_id`` alone.
    """

    id: str
    title: str
    format_id: str
    created: datetime
    notes: str = ""
    due: date | None = None
    due_label: str = "Talk"
    vocabulary: str = ""
    slides: str = ""
    slide_sections: tuple[tuple[int, str], ...] = ()
    plan_s: tuple[tuple[str, float], ...] = ()
    plan_format_id: str = ""

    def planned(self, fmt: TalkFormat) -> TalkFormat:
        """``fmt`` with this talk's own plan, if it was made for that format."""
        if fmt.id != self.plan_format_id:
            return fmt
        own = dict(self.plan_s)
        return fmt.with_plan([own.get(s.id, s.planned_s) for s in fmt.sections])


# --- what was said ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word. ``text`` has its punctuation and no spaces around it.

    ``probability`` (0..1) is the recogniser's own; 1.0 where the text came from a file.
    """

    start_s: float
    end_s: float
    text: str
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the transcript. Times are ``None`` where the input had none."""

    index: int
    start_s: float | None
    end_s: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Filler:
    """A filler and where it is heard: a word ("um", "you know") or a sound without a word."""

    start_s: float
    end_s: float
    text: str
    from_sound: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """What the sound itself tells of how it was spoken, whatever words were recognised.

    ``silences_s`` are the silences of a second or more between the first and the last speech;
    ``silent_share`` (0..1) is the part of that time in which nobody speaks.
    """

    silences_s: tuple[tuple[float, float], ...] = ()
    silent_share: float = 0.0
    fillers: tuple[Filler, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said.

    ``words`` is empty where the input was text without word times. ``timed`` is false where
    sentence times are estimated from word counts or absent. ``sound`` is ``None`` where nobody
    listened to the sound itself.
    """

    sentences: tuple[Sentence, ...]
    words: tuple[Word, ...] = ()
    duration_s: float | None = None
    timed: bool = True
    language: str = "en"
    model: str = ""
    sound: Sound | None = None


def first_words(
    sentences: Sequence[Sentence | SentenceVerdict], words: Sequence[Word]
) -> list[int] | None:
    """The number of each sentence's first word; ``None`` if words don't fit the sentences."""
    firsts = []
    after = 0
    for sentence in sentences:
        firsts.append(after)
        after += len(sentence.text.split())
        if " ".join(word.text for word in words[firsts[-1] : after]) != sentence.text:
            return None
    return firsts


class EventKind(StrEnum):
    """What can happen during a take besides speech."""

    SECTION = "section"  # value: section id
    SLIDE = "slide"  # value: page number from 1
    PAUSE = "pause"  # the sound of a pause is not recorded, so it has one time
    RESUME = "resume"
    MARK = "mark"
    QUESTION = "question"  # the interviewer breaks in; value: what is asked, as JSON
    ANSWERED = "answered"  # … and the speaker is back in the talk
    GAP = "gap"  # sound was lost here; value: see ``gap_of``


@dataclass(frozen=True, slots=True)
class Event:
    """Something the speaker or the machine did, at ``at_s`` seconds of recorded sound."""

    at_s: float
    kind: EventKind
    value: str = ""


class TakeState(StrEnum):
    """How far a take has come. Each step is on disk before the next begins."""

    RECORDING = "recording"  # being recorded now, or left so by a crash
    SAVED = "saved"  # the sound is safe, nothing is transcribed yet
    TRANSCRIBED = "transcribed"
    REVIEWED = "reviewed"
    FAILED = "failed"  # the sound is safe; transcription or review failed and can be retried


@dataclass(frozen=True, slots=True)
class Take:
    """One run through a talk.

    ``problem`` says in plain words why its review failed, or else what is wrong with its recording.
    ``broke_off``: the recording ended by itself, so the talk's end is not in it.
    """

    id: str
    talk_id: str
    number: int
    started: datetime
    state: TakeState
    format: TalkFormat
    duration_s: float = 0.0
    source: str = "microphone"
    problem: str = ""
    recovered: bool = False
    broke_off: bool = False

    def lost_its_end(self, length_s: float) -> bool:
        """Whether there was more of its sound than the ``length_s`` that are there now."""
        return self.duration_s - length_s > _LOST_S

    def breaks_off(self, length_s: float) -> bool:
        """Whether the talk's end is not in the ``length_s`` that were heard of it."""
        return self.broke_off or self.lost_its_end(length_s)


# --- what the speaker says to it --------------------------------------------------------------


class Answer(StrEnum):
    """What a speaker can say to a finding."""

    THIS_IS_IT = "this_is_it"  # the quoted sentence is what was looked for
    NOT_A_PROBLEM = "not_a_problem"
    MISHEARD = "misheard"  # it was said, or said otherwise; the recogniser got it wrong


@dataclass(frozen=True, slots=True)
class WordCorrection:
    """What stands in the transcript from ``start_s`` to ``end_s`` and what was really said there.

    ``said`` may be several words, or empty where nothing was said.
    """

    start_s: float
    end_s: float
    heard: str
    said: str


@dataclass(frozen=True, slots=True)
class SectionCorrection:
    """The sentences from ``start_s`` to ``end_s`` belong to ``section``."""

    start_s: float
    end_s: float
    section: str


@dataclass(frozen=True, slots=True)
class FindingAnswer:
    """The answer to the finding with that id. ``at_s`` is where its sentence begins, if any."""

    finding: str
    answer: Answer
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Corrections:
    """All that a speaker put right in the review of a take.

    Keyed by time, since words and sentences are numbered anew when it is transcribed again.
    """

    words: tuple[WordCorrection, ...] = ()
    sections: tuple[SectionCorrection, ...] = ()
    answers: tuple[FindingAnswer, ...] = ()


# --- what was found --------------------------------------------------------------------------


class Status(StrEnum):
    """Whether a section was told."""

    COVERED = "covered"
    THIN = "thin"
    MISSING = "missing"

    @property
    def sign(self) -> str:
        """A sign that does not rely on colour."""
        return {"covered": "✓", "thin": "◐", "missing": "✕"}[self.value]


class Severity(StrEnum):
    """How much a finding matters, most first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quoted sentence. ``state`` and ``confidence`` (0..1) are set for limitations."""

    sentence: int
    start_s: float | None
    end_s: float | None
    quote: str
    state: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class SentenceVerdict:
    """A sentence and the section it was judged to belong to (one of ``SENTENCE_SECTIONS``)."""

    index: int
    start_s: float | None
    end_s: float | None
    text: str
    section: str
    confidence: float


@dataclass(frozen=True, slots=True)
class SectionVerdict:
    """Whether a planned section was told.

    ``heard_s`` is the time of the sentences judged to belong to it; ``timer_s`` is the time the
    speaker's own timer stood on it, ``None`` where there was no timer (an imported recording).
    ``by_speaker``: the speaker says it was told, though it was not heard.
    """

    id: str
    title: str
    required: bool
    status: Status
    heard_s: float
    planned_s: float
    confidence: float
    spans_s: tuple[tuple[float, float], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    timer_s: float | None = None
    by_speaker: bool = False

    @property
    def spent_s(self) -> float:
        """What to show against the plan: the timer's word where there is one."""
        return self.heard_s if self.timer_s is None else self.timer_s

    @property
    def doubtful(self) -> bool:
        """Whether it is called missing though it was said as likely as not."""
        return self.status is Status.MISSING and self.confidence < 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """Something asked for, heard or not, with the quotes that show it."""

    met: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Limitations:
    """Whether the speaker said where their own work fails.

    ``state`` is ``stated``, ``possible`` (worth asking "is this it?") or ``not_heard``.
    """

    state: str = "not_heard"
    evidence: tuple[Evidence, ...] = ()
    where: Point = field(default_factory=Point)
    why: Point = field(default_factory=Point)
    fix: Point = field(default_factory=Point)
    deflections: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class RigorItem:
    """One of ``RIGOR_ITEMS``, heard or not; ``by_speaker`` as for a section."""

    id: str
    met: bool
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    by_speaker: bool = False


@dataclass(frozen=True, slots=True)
class PaceWindow:
    """Speaking rate between two times, in words a minute."""

    start_s: float
    end_s: float
    words_per_minute: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it was said. Rates are ``None`` where the input had no times.

    ``filler_places`` are those whose time is known; ``heard_fillers`` tells whether the sound was
    searched for them too, since recognisers drop most. ``silent_share`` is that of ``Sound``.
    ``repeats`` are phrases with how often and where first; ``long_sentences`` are indices.
    """

    words: int = 0
    words_per_minute: float | None = None
    pace: tuple[PaceWindow, ...] = ()
    fillers: tuple[tuple[str, int], ...] = ()
    fillers_per_minute: float | None = None
    pauses_s: tuple[tuple[float, float], ...] = ()
    acronyms_unexplained: tuple[tuple[str, float | None], ...] = ()
    filler_places: tuple[Filler, ...] = ()
    heard_fillers: bool = False
    silent_share: float | None = None
    hedges: tuple[tuple[str, int], ...] = ()
    repeats: tuple[tuple[str, int, float | None], ...] = ()
    long_sentences: tuple[int, ...] = ()

    @property
    def filler_count(self) -> int:
        """All fillers together."""
        return sum(count for _, count in self.fillers)

    @property
    def longest_pause_s(self) -> float:
        """The longest pause, 0 where there was none."""
        return max((end - start for start, end in self.pauses_s), default=0.0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth telling the speaker, with where it is heard or the drill for its absence.

    ``answer`` is what the speaker said to it, ``None`` while it stands unanswered.
    """

    id: str
    severity: Severity
    title: str
    detail: str
    start_s: float | None = None
    end_s: float | None = None
    drill: str | None = None
    evidence: tuple[Evidence, ...] = ()
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The review of one take. ``whole`` is false where the talk's end was not heard."""

    format_id: str
    planned_s: float
    sentences: tuple[SentenceVerdict, ...]
    sections: tuple[SectionVerdict, ...]
    limitations: Limitations
    rigor: tuple[RigorItem, ...]
    delivery: Delivery
    findings: tuple[Finding, ...]
    words: tuple[Word, ...] = ()
    duration_s: float | None = None
    timed: bool = True
    language: str = "en"
    model: str = ""
    take_id: str | None = None
    talk_title: str | None = None
    whole: bool = True

    @property
    def judged(self) -> bool:
        """Whether anything was heard in the language that is judged; else nothing is lacking."""
        return not {"speech.none", "language.not_judged"} & {f.id for f in self.findings}

    @property
    def about_times(self) -> str:
        """What to say where times are shown that nobody measured, else empty."""
        known = self.timed or self.duration_s is None
        return "" if known else "Times are estimated from word counts."

    def told(self, section: SectionVerdict) -> str:
        """Whether ``section`` was told, in a word."""
        return section.status.value if self.judged else NOT_JUDGED

    def has_time(self, section: SectionVerdict) -> bool:
        """Whether it is known how long ``section`` took: by the timer, else by what was judged."""
        return self.duration_s is not None and (section.timer_s is not None or self.judged)

    def time_of(self, section: SectionVerdict) -> str:
        """How long ``section`` took, as people read it."""
        return minutes(section.spent_s) if self.has_time(section) else "–"


# --- practising ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PointHeard:
    """One thing a strong answer says, heard or not, in the speaker's own words."""

    id: str
    says: str
    met: bool
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MistakeHeard:
    """Something wrong that was said, and what is right."""

    says: str
    correction: str
    quote: str


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """How good an answer is. Length, fluency and jargon count for nothing."""

    points: tuple[PointHeard, ...]
    mistakes: tuple[MistakeHeard, ...] = ()
    deflections: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """0 to 1: the share of points that were heard; a mistake takes half a point away."""
        if not self.points:
            return 0.0
        met = sum(point.met for point in self.points)
        return max(0.0, met - 0.5 * len(self.mistakes)) / len(self.points)

    @property
    def other_deflections(self) -> tuple[str, ...]:
        """The deflections that aren't told as a mistake already, each once."""
        told = [mistake.quote for mistake in self.mistakes]
        others = dict.fromkeys(self.deflections)
        return tuple(d for d in others if not any(d in quote for quote in told))


@dataclass(frozen=True, slots=True)
class PracticeAnswer:
    """One answer that was given, as it is kept.

    ``question_id`` is the question it practises; ``asked`` is what was really asked, which for a
    follow-up is something else. ``round_id`` is the id of the first answer of the round, and
    ``depth`` counts the follow-ups before it. ``take_id`` is set where the question is about a
    take. ``rating`` is how well it went for the schedule, 1 (again) to 4 (easy).
    """

    id: str
    question_id: str
    domain: str
    asked: str
    at: datetime
    transcript: str
    duration_s: float
    verdict: AnswerVerdict
    round_id: str = ""
    depth: int = 0
    take_id: str = ""
    rating: int = 0
    has_sound: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is spoken to: all that it takes to judge its sound later.

    ``followed`` has the ids of the follow-ups that were asked in its round; the others are as in
    ``PracticeAnswer``.
    """

    id: str
    question_id: str
    asked: str
    at: datetime
    round_id: str
    followed: tuple[str, ...] = ()
    take_id: str = ""


def called(section: Section | SectionVerdict) -> str:
    """Its name within a sentence; a title of the user's own stands as it was written."""
    usual = section.id.replace("_", " ")
    return usual if section.title.casefold() == usual else f"“{section.title}”"


def listed(items: Sequence[str]) -> str:
    """``items`` within a sentence: one, two and three."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def gap_event(at_s: float, lost_s: float, why: str) -> Event:
    """The event of ``lost_s`` seconds of sound that were lost at ``at_s``."""
    return Event(at_s, EventKind.GAP, f"{lost_s:.1f} s: {why}")


def gap_of(event: Event) -> tuple[float, str] | None:
    """How many seconds of sound ``event`` says were lost, and why; ``None`` if it says none."""
    told = re.fullmatch(r"(\d+(?:\.\d+)?)(?: s: (.*))?", event.value, re.DOTALL)
    if event.kind is not EventKind.GAP or told is None:
        return None
    return float(told[1]), told[2] or ""


def missing_sound(lost_s: float) -> str:
    """That so much sound is missing, as the beginning of a sentence."""
    whole = max(1, round(lost_s))
    return f"{whole} s of sound {'is' if whole == 1 else 'are'} missing"


def minutes(seconds: float) -> str:
    """``seconds`` as the m:ss that people read; hours stay minutes (75:03)."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def spent_of_planned(report: Report) -> str:
    """How long the talk was and should be, for the head of its review."""
    spent = "" if report.duration_s is None else f"{minutes(report.duration_s)} of "
    end = "" if report.whole else "; the recording breaks off"
    return f"{spent}{minutes(report.planned_s)} planned{end}"


def dated(when: date, form: str = "%B") -> str:
    """``when`` as 5 January: its day without a nought, then the rest as ``form`` has it."""
    return f"{when.day} {when:{form}}"


def dated_from_now(when: date) -> str:
    """``when`` as 5 January, with the year where it is not this one."""
    return dated(when, "%B" if when.year == datetime.now().year else "%B %Y")


def whole_text(text: str) -> str:
    """``text`` without halves of characters, as JSON and old names of files have them.

    Nothing can show or keep those.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
