"""What to tell the speaker, most important first. Specific, kind, never surer than the evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runthrough.analysis import cues
from runthrough.analysis.delivery import LONG_PAUSE_S
from runthrough.analysis.limitations import announces
from runthrough.analysis.sections import TOLD, has_its_share, quote
from runthrough.analysis.sentences import says_something
from runthrough.talk import (
    PACE_BAND,
    POSSIBLE_LIMIT,
    Delivery,
    Event,
    Evidence,
    Finding,
    Limitations,
    RigorItem,
    SectionVerdict,
    SentenceVerdict,
    Severity,
    Status,
    TalkFormat,
    Transcript,
    called,
    gap_of,
    listed,
    minutes,
    missing_sound,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

# A section is worth a word about its time from this far off its plan, and a talk from this far.
_SECTION_OFF = 0.5
TALK_OVER, TALK_EARLY = 1.05, 0.9
FILLERS_PER_MINUTE = 3.0
# Of fewer words, spoken in half a minute, a rate says nothing.
_RATED_WORDS = 60
# Below this mean probability the recogniser may have lost what was said.
_DOUBTFUL_RECOGNITION = 0.6

# A timer that stood on a section for less was passing through.
_TIMER_STOOD_S = 5.0

# "No experiments on real robots" may be many others.
_NONE_AT_ALL = re.compile(
    r"(?: at all| so far| yet| here)*(?:[.;:!?]|$|,? (?:because|since|so|as|this|it|that)\b)",
    re.IGNORECASE,
)

INCOMPLETE_LIMIT = "limitations.incomplete"
BREAKS_OFF = "recording.breaks_off"

_ORDER = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2, Severity.GOOD: 3}

_SAY = {
    "problem": "Say the question in one sentence that a colleague from next door understands.",
    "motivation": "Say who suffers while this is unsolved, and how much.",
    "related_work": "Name the two closest attempts and what each leaves open.",
    "method": "Say the one idea, and what would break without it.",
    "experiments": "Say which data, which baselines, how many runs, and what was varied.",
    "results": "Say the one number to remember, against what, and how large the spread is.",
    "limitations": "Say where it fails, why, and what would fix it.",
}
# Who said it in one sentence needs no telling to.
_SAY_MORE_OF_PROBLEM = "Add an example that a colleague from next door understands."
_RIGOR_WORDS = {
    "hypothesis": "what you expected",
    "baselines": "baselines",
    "ablation": "an ablation",
    "metrics": "metrics",
    "significance": "significance or spread",
    "seeds": "the number of runs",
    "negative_result": "anything that did not work",
    "compute": "compute",
    "data": "the data",
}


# The judge was trained on English alone. Text of an unnamed language is taken for English.
JUDGED = ("en", "")


def find(
    fmt: TalkFormat,
    transcript: Transcript,
    sentences: Sequence[SentenceVerdict],
    sections: Sequence[SectionVerdict],
    limitations: Limitations,
    rigor: Sequence[RigorItem],
    delivery: Delivery,
    *,
    whole: bool = True,
) -> tuple[Finding, ...]:
    """All findings, the most important first; ``sentences`` are those of the talk alone.

    Of a recording that is not ``whole`` it is not known when the talk ended.
    """
    if not any(says_something(sentence.text) for sentence in transcript.sentences):
        return (_nothing_heard(transcript),)
    if transcript.language not in JUDGED:
        # Whether they were told is not known, so none is lacking.
        timed = [replace(section, required=False) for section in sections]
        return (
            _only_english(transcript.language),
            *_break(transcript, whole=whole),
            *_time(fmt, transcript, timed, whole=whole),
        )
    without = without_experiments(sentences, sections)
    if without:  # a proof needs none
        sections = [replace(s, required=s.required and s.id != "experiments") for s in sections]
    found = [
        *_doubt(transcript),
        *_limitations(transcript, sections, limitations),
        *_sections(fmt, sentences, sections, rigor, without, timed=transcript.timed),
        *_rigor(sections, rigor),
        *_time(fmt, transcript, sections, whole=whole),
        *_delivery(delivery, transcript.model),
    ]
    # The break stands first: by it the others are read.
    return (
        *_break(transcript, whole=whole),
        *sorted(found, key=lambda finding: _ORDER[finding.severity]),
    )


def without_experiments(
    sentences: Sequence[SentenceVerdict], sections: Sequence[SectionVerdict]
) -> SentenceVerdict | None:
    """The sentence that says that this work has no experiments, where none were heard either."""
    if not any(s.id == "experiments" and s.status is Status.MISSING for s in sections):
        return None
    none = cues.pattern("sections", "experiments", "none")
    for sentence in sentences:
        said = none.finditer(sentence.text) if sentence.section != "related_work" else ()
        if any(_NONE_AT_ALL.match(sentence.text, match.end()) for match in said):
            return sentence
    return None


def of_gaps(events: Sequence[Event]) -> tuple[Finding, ...]:
    """One for each place where sound was lost."""
    found: list[Finding] = []
    for event in events:
        gap = gap_of(event)
        if gap is None:
            continue
        lost_s, why = gap
        found.append(
            Finding(
                id=f"gap.{len(found) + 1}",
                severity=Severity.MEDIUM,
                title=missing_sound(lost_s),
                detail="What seems to be missing may have been said there."
                + (f" The reason: {why}." if why else ""),
                start_s=event.at_s,
                end_s=event.at_s + lost_s,
            )
        )
    return tuple(found)


def _break(transcript: Transcript, *, whole: bool) -> list[Finding]:
    if whole or transcript.duration_s is None:
        return []
    return [
        Finding(
            BREAKS_OFF,
            Severity.MEDIUM,
            f"The recording breaks off at {minutes(transcript.duration_s)}",
            "What seems to be missing may have come after.",
            transcript.duration_s,
        )
    ]


def _nothing_heard(transcript: Transcript) -> Finding:
    if not transcript.model:  # nobody listened to a take
        return Finding(
            "speech.none",
            Severity.HIGH,
            "No words were found",
            "The text of this talk has none. Check that it is the right file, and try again.",
        )
    length = f" in {minutes(transcript.duration_s)}" if transcript.duration_s else ""
    return Finding(
        "speech.none",
        Severity.HIGH,
        "No speech was heard",
        f"No words could be made out{length}. Check the microphone with `runthrough doctor`, "
        "listen to the take, and try again.",
    )


def _only_english(language: str) -> Finding:
    return Finding(
        "language.not_judged",
        Severity.HIGH,
        "Only talks in English are judged",
        f"This talk was heard in another language ({language}). It is transcribed and timed; what "
        "the review says of sections, limits and rigor means nothing here.",
    )


def _doubt(transcript: Transcript) -> list[Finding]:
    if not transcript.words:
        return []
    mean = sum(word.probability for word in transcript.words) / len(transcript.words)
    if mean >= _DOUBTFUL_RECOGNITION:
        return []
    return [
        Finding(
            "recognition.doubtful",
            Severity.MEDIUM,
            "Much of the speech was hard to recognise",
            f"The recogniser was sure of {mean:.0%} of the words on average, so what seems to "
            "be missing may have been said. A nearer microphone or a larger model helps.",
        )
    ]


def _limitations(
    transcript: Transcript, sections: Sequence[SectionVerdict], limitations: Limitations
) -> list[Finding]:
    if not any(section.id == "limitations" for section in sections):
        return []
    if limitations.state == "not_heard":
        section = next(s for s in sections if s.id == "limitations")
        length = f"in {minutes(transcript.duration_s)} " if transcript.duration_s else ""
        return [
            Finding(
                "section.missing.limitations",
                Severity.HIGH,
                "I could not find any limitations",
                ("I may have missed them. " if section.doubtful else "")
                + _timer_stood_there(section)
                + f"Nothing that I heard {length}says where your own work fails. "
                "Interviewers ask this first. " + _SAY["limitations"],
                drill="limitations",
            )
        ]
    if limitations.state == "possible":
        likeliest = max(limitations.evidence, key=lambda e: e.confidence or 0.0)
        return [of_possible_limit(likeliest, transcript)]
    missing = [
        words
        for point, words in (
            (limitations.where, "where exactly it fails"),
            (limitations.why, "why it fails there"),
            (limitations.fix, "what would fix it"),
        )
        if not point.met
    ]
    found = []
    # The plainest of those that say where, since "You said where it fails" stands above it.
    places = {e.sentence for e in limitations.where.evidence}
    stated = max(
        (e for e in limitations.evidence if e.state == "stated"),
        key=lambda e: (e.sentence in places, e.confidence or 0.0),
    )
    if missing:
        found.append(
            Finding(
                INCOMPLETE_LIMIT,
                Severity.MEDIUM,
                "You named a limit; not heard: " + listed(missing),
                f"“{stated.quote}” A strong answer says where it fails, why, and what would "
                "fix it.",
                stated.start_s,
                stated.end_s,
                drill="limitations",
                evidence=(stated,),
            )
        )
    else:
        found.append(
            Finding(
                "limitations.complete",
                Severity.GOOD,
                "You said where it fails, why, and what would fix it",
                f"“{stated.quote}”",
                stated.start_s,
                stated.end_s,
                evidence=(stated,),
            )
        )
    if limitations.deflections:
        quoted = limitations.deflections[0]
        found.append(
            Finding(
                "limitations.deflects",
                Severity.MEDIUM,
                "This may sound like waving a limit away",
                f"“{quoted.quote}” Let the limit stand; it is stronger.",
                quoted.start_s,
                quoted.end_s,
                drill="limitations",
                evidence=(quoted,),
            )
        )
    return found


def of_possible_limit(evidence: Evidence, transcript: Transcript) -> Finding:
    """The question whether the sentence of ``evidence`` is meant as a limit."""
    around = transcript.sentences[max(0, evidence.sentence - 1) : evidence.sentence + 1]
    # Who announces limitations, in the sentence or in a heading before it, is not missed.
    if any(announces(sentence.text) for sentence in around):
        severity = Severity.MEDIUM
        doubt = f"You announced limitations; I am not sure that “{evidence.quote}” is one."
    else:
        severity = Severity.HIGH
        doubt = f"“{evidence.quote}” may be one, but a listener could miss it."
    return Finding(
        POSSIBLE_LIMIT,
        severity,
        "Is this your limitation?",
        f"{doubt} {_SAY['limitations']}",
        evidence.start_s,
        evidence.end_s,
        drill="limitations",
        evidence=(evidence,),
    )


def _sections(
    fmt: TalkFormat,
    sentences: Sequence[SentenceVerdict],
    sections: Sequence[SectionVerdict],
    rigor: Sequence[RigorItem],
    without: SentenceVerdict | None,
    *,
    timed: bool,
) -> list[Finding]:
    found = []
    for section in sections:
        if section.id == "limitations" or section.status is Status.COVERED:
            continue
        if section.id == "experiments" and without is not None:
            found.append(
                Finding(
                    "section.missing.experiments",
                    Severity.LOW,
                    "You said that there are no experiments",
                    f"“{without.text}” Say what a listener can check instead: the idea of a proof, "
                    "or an example worked out.",
                    without.start_s,
                    without.end_s,
                    evidence=(quote(without),),
                )
            )
            continue
        if section.status is Status.MISSING:
            nearest = next(iter(section.evidence), None)
            found.append(
                Finding(
                    f"section.missing.{section.id}",
                    Severity.HIGH if section.required else Severity.LOW,
                    f"I could not find {_the(section)}",
                    ("" if section.required else "It is optional in this format. ")
                    + ("I may have missed that. " if section.doubtful else "")
                    + _timer_stood_there(section)
                    + _SAY[section.id]
                    + (f" What came nearest: “{nearest.quote}”" if nearest else ""),
                )
            )
            continue
        heard = section.evidence[0]
        detail = _SAY[section.id]
        if section.id == "experiments":
            detail = _experiments_detail(rigor)
        elif section.id == "problem" and section.confidence >= TOLD:
            detail = _SAY_MORE_OF_PROBLEM
        found.append(
            Finding(
                f"section.thin.{section.id}",
                Severity.MEDIUM if section.required else Severity.LOW,
                _how_thin(section, fmt, sentences, timed=timed),
                detail,
                heard.start_s,
                heard.end_s,
                evidence=section.evidence[:2],
            )
        )
    return found


def _how_thin(
    section: SectionVerdict,
    fmt: TalkFormat,
    sentences: Sequence[SentenceVerdict],
    *,
    timed: bool,
) -> str:
    if section.confidence < TOLD:
        return f"I am not sure that I heard {_the(section)}"
    if has_its_share(section, fmt, sentences):
        if sum(sentence.section == section.id for sentence in sentences) == 1:
            return f"Only one sentence on {_the(section)} was heard"
        return f"Little was heard of {_the(section)}"
    if 0 < section.heard_s < section.planned_s and section.evidence[0].start_s is not None:
        heard, planned = minutes(section.heard_s), minutes(section.planned_s)
        about = "" if timed else "about "
        if minutes(section.spent_s) != heard:  # the timer stood there for more, or for less
            return f"Only {about}{heard} was heard of {_the(section)}; you planned {planned}"
        return f"{section.title} took {about}{heard} of the {planned} you planned"
    return f"Little of the talk was about {_the(section)}"


def _experiments_detail(rigor: Sequence[RigorItem]) -> str:
    wanted = ("data", "baselines", "ablation", "seeds", "significance")
    heard = [_RIGOR_WORDS[r.id] for r in rigor if r.met and r.id in wanted]
    lacking = [_RIGOR_WORDS[r.id] for r in rigor if not r.met and r.id in wanted]
    parts = []
    if heard:
        parts.append(f"Heard: {listed(heard)}.")
    if lacking:
        parts.append(f"Not heard: {listed(lacking)}.")
    return " ".join(parts)


def _rigor(sections: Sequence[SectionVerdict], rigor: Sequence[RigorItem]) -> list[Finding]:
    thin = any(s.id == "experiments" and s.status is not Status.COVERED for s in sections)
    lacking = [r.id for r in rigor if not r.met]
    if thin or not any(s.id == "experiments" for s in sections):
        return []
    found = []
    if "seeds" in lacking and "significance" in lacking:
        found.append(
            Finding(
                "rigor.spread",
                Severity.MEDIUM,
                "I heard no number of runs and no spread",
                "Say how many runs or subjects stand behind each number, and how much they vary; "
                "or say why one run is enough.",
            )
        )
    if "ablation" in lacking:
        found.append(
            Finding(
                "rigor.ablation",
                Severity.MEDIUM,
                "I heard no ablation",
                "A listener will ask how you know that the gain comes from your idea. Say what "
                "happens when that one part is taken away.",
            )
        )
    if "baselines" in lacking:
        found.append(
            Finding(
                "rigor.baselines",
                Severity.MEDIUM,
                "I heard no named baseline",
                "Say what you compare with, and why that comparison is fair.",
            )
        )
    return found


def _time(
    fmt: TalkFormat,
    transcript: Transcript,
    sections: Sequence[SectionVerdict],
    *,
    whole: bool,
) -> list[Finding]:
    if transcript.duration_s is None:
        return []
    spent, planned = transcript.duration_s, fmt.planned_s
    found = []
    if spent > planned * TALK_OVER:
        found.append(
            Finding(
                "time.over",
                Severity.HIGH,
                f"{minutes(spent - planned)} over time",
                f"The talk took {minutes(spent)} of {minutes(planned)}. A chair would have "
                "stopped you before the end.",
            )
        )
    elif not whole:
        pass  # it went on for nobody knows how long
    elif spent < planned * TALK_EARLY:
        lacking = [s for s in sections if s.required and s.status is Status.MISSING]
        names = listed([called(s) for s in lacking])
        need_s = sum(s.planned_s for s in lacking)
        if not lacking:
            detail = "That is room for one more thing the listener will ask about."
        elif round(planned - spent) >= round(need_s):
            detail = f"Enough room for the missing {names}."
        else:
            detail = f"Not enough for the missing {names}: you planned {minutes(need_s)} for that."
        found.append(
            Finding(
                "time.early",
                Severity.LOW,
                f"Finished {minutes(planned - spent)} early",
                detail,
            )
        )
    else:
        found.append(
            Finding(
                "time.kept",
                Severity.GOOD,
                "You kept the time",
                f"{minutes(spent)} of {minutes(planned)}.",
            )
        )
    for section in sections:
        over = section.timer_s is not None and section.timer_s > section.planned_s * (
            1 + _SECTION_OFF
        )
        if over and section.timer_s is not None and section.planned_s:
            found.append(
                Finding(
                    f"time.section.{section.id}",
                    Severity.LOW,
                    f"{section.title} took {minutes(section.timer_s)} "
                    f"of {minutes(section.planned_s)}",
                    "What can move to a backup slide?",
                    section.spans_s[0][0] if section.spans_s else None,
                )
            )
    return found


def _delivery(delivery: Delivery, model: str) -> list[Finding]:
    found = []
    terms = [term for term, _ in delivery.acronyms_unexplained]
    if terms:
        first = delivery.acronyms_unexplained[0][1]
        shown = ", ".join(terms[:6]) + (" …" if len(terms) > 6 else ".")
        if len(terms) == 1:
            title, advice = f"{terms[0]} was never explained", "Say it in words once"
        else:
            title = f"{len(terms)} acronyms were never explained"
            advice = f"{shown} Say each in words once"
        found.append(
            Finding(
                "delivery.acronyms",
                Severity.LOW,
                title,
                f"{advice}; a listener from outside the field loses the thread there.",
                first,
            )
        )
    enough = delivery.words >= _RATED_WORDS
    rate = delivery.words_per_minute
    if rate is not None and enough:
        low, high = PACE_BAND
        told = round(rate)  # what is shown is what is judged
        if told > high:
            found.append(
                Finding(
                    "delivery.fast",
                    Severity.LOW,
                    f"Fast: {told} words a minute",
                    f"Listeners follow {low:.0f} to {high:.0f} with ease. Pause after each result.",
                )
            )
        elif told < low:
            found.append(
                Finding(
                    "delivery.slow",
                    Severity.LOW,
                    f"Slow: {told} words a minute",
                    f"{low:.0f} to {high:.0f} is comfortable for listeners.",
                )
            )
    per_minute = delivery.fillers_per_minute
    if per_minute is not None and per_minute >= FILLERS_PER_MINUTE and enough:
        items = ", ".join(f"“{word}” {n}×" for word, n in delivery.fillers[:3])
        found.append(
            Finding(
                "delivery.fillers",
                Severity.LOW,
                f"At least {per_minute:.1f} fillers a minute",
                f"{items}. {'The recogniser drops' if model else 'Written text leaves out'} some, "
                "so there may be more. A silent breath does the same work.",
            )
        )
    if delivery.longest_pause_s >= LONG_PAUSE_S:
        start, end = max(delivery.pauses_s, key=lambda p: p[1] - p[0])
        found.append(
            Finding(
                "delivery.pause",
                Severity.LOW,
                f"A silence of {end - start:.0f} seconds",
                "Fine if you meant it. If you lost the thread, rehearse this passage.",
                start,
                end,
            )
        )
    return found


def _timer_stood_there(section: SectionVerdict) -> str:
    """What the timer says of a section that was not heard: evidence, no proof."""
    if section.timer_s is None or section.timer_s < _TIMER_STOOD_S:
        return ""
    return (
        f"Your timer stood on {section.title} for {minutes(section.timer_s)}, "
        "but I could not find it in what you said there. "
    )


def _the(section: SectionVerdict) -> str:
    name = called(section)
    if name.startswith("“"):
        return name
    return f"your {name}" if section.id in ("method", "results", "experiments") else f"the {name}"
