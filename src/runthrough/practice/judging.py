"""What an answer says of what a strong answer would.

Limitations answers are judged by the trained judge (where, why, fix, deflection). Answers to
knowledge questions are compared with each point's phrasings by meaning; saying the contrary does
not meet a point. Nothing is given for length, fluency or jargon.
"""

from __future__ import annotations

import json
import re
import statistics
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis import cues
from runthrough.analysis.answers import judge_limitations_answer
from runthrough.analysis.delivery import judge_delivery
from runthrough.analysis.findings import JUDGED
from runthrough.errors import InputError
from runthrough.practice.bank import JudgedBy
from runthrough.practice.meaning import likeness
from runthrough.resources import resource
from runthrough.talk import AnswerVerdict, MistakeHeard, PointHeard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from runthrough.practice.bank import Question
    from runthrough.talk import Transcript

# A sentence makes a point if that is more likely than not, by the weights that training/points.py
# fits on a part of the graded answers in benchmarks/; the rest measures them.
_MET = 0.5
# Those answers are all to the matter; in one that is, something comes so near to some point. Chosen
# on the same part, its answers also held against questions of other domains, where a tenth of them
# then scores and of the points asked for 3 % fewer are found.
_TO_THE_MATTER = 0.42
# Chosen on a fifth of the graded answers in benchmarks/practice_answers; measured on the rest.
# A mistake is heard from this likeness on, if it is nearer by so much than any right point and than
# the sentences that only sound like it.
_MISTAKEN, _NOT_RIGHT = 0.45, 0.03
# The encoder hardly hears a "not": where what was said and the phrasing do not both deny or both
# affirm, so much is taken from their likeness. Chosen on the parts that training/points.py fits on:
# with the rules in ``_mistakes``, .91 of the mistakes named there were made instead of .73, and .68
# of those made were named instead of .66.
_DENIES_THE_OTHER = 0.1
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|hardly)\b|n['’]t\b",
    re.IGNORECASE,
)
# What others are said to think is not what the speaker claims.
_OTHERS_THINK = re.compile(
    r"\b(?:people|many|some|others|most)"
    r"(?: (?:people|often|still|sometimes|usually|wrongly|used to|tend to|may|might|will))* "
    r"(?:think|thought|believed?|assumed?)\b"
    r"|\b(?:you|one) (?:may|might|could|would) (?:\w+ )?(?:think|believe|assume)\b"
    r"|\b(?:often|commonly|widely|sometimes) (?:thought|believed|assumed)\b"
    r"|\b(?:misconception|misunderstanding|myth|(?:common|usual) mistake)\b",
    re.IGNORECASE,
)
# A question back claims nothing, unless it begs assent: "it has none, right?", "and who cares?"
_BEGS_ASSENT = re.compile(
    r"^(?:[\w ]+, )?(?:and |but )?(?:who|why|\w+n['’]t)\b"
    r"|, (?:right|no|yes|okay|(?:is|are|was|were|do|does|did|has|have|can|could|will|would|should)"
    r"(?:n['’]t)? (?:it|they|we|you|there))\?$",
    re.IGNORECASE,
)
# What is known of a unit of speech and a point: how near they are (and that squared), how near to
# the two nearest phrasings and to the point's own words, how much nearer than to the other points,
# to what contradicts and to the question, how near the question itself, and the length in words.
EVIDENCE = (
    "near", "near_squared", "two_phrasings", "says", "over_others", "over_contrary",
    "over_question", "question", "length",
)  # fmt: skip
# Long spoken sentences say several things; their clauses are looked at too.
_CLAUSE_WORDS = 6
_CLAUSE_ENDS = re.compile(
    r"(?<=[,;:])\s+|\s+(?=(?:because|but|so that|which means|whereas|while|and then|and so)\b)"
)
_LIMITATIONS_SAYS = {
    "where": "Where it fails",
    "why": "Why it fails",
    "fix": "What would fix it",
}
# Explaining: a listener without the field follows sentences up to about this many words, by the
# median (Cutts, Oxford Guide to Plain English, advises 15 to 20 on average).
_PLAIN_WORDS = 22
# Points that are about how it was said: that one is not met is nothing that was not heard.
PLAINNESS = ("plain_words", "short_sentences")


def judge_answer(
    question: Question, answer: Transcript, before: Sequence[str] = ()
) -> AnswerVerdict:
    """The verdict on ``answer``; ``before`` are the sentences said in the round until then.

    Raises ``InputError`` for one in a language that is not judged.
    """
    if answer.language not in JUDGED:
        raise InputError(
            f"Only answers in English are judged, and this one was heard as “{answer.language}”. "
            "Answer in English; if you did, choose English in the settings."
        )
    if question.judged_by is JudgedBy.LIMITATIONS:
        return _judge_limitations(question, answer, before)
    verdict = _judge_points(question, [s.text for s in answer.sentences])
    if question.judged_by is JudgedBy.EXPLAINING:
        return AnswerVerdict(
            (*verdict.points, *_plainness(question, verdict, answer)), verdict.mistakes
        )
    return verdict


def _judge_limitations(
    question: Question, answer: Transcript, before: Sequence[str]
) -> AnswerVerdict:
    found = judge_limitations_answer(answer, before)
    points = tuple(
        PointHeard(name, _LIMITATIONS_SAYS[name], p.met, tuple(e.quote for e in p.evidence))
        for name, p in found.points.items()
    )
    mistakes: tuple[MistakeHeard, ...] = ()
    # Here a mistake is what is said instead of a limit: that time was short is no mistake beside
    # one, nor where a follow-up asks for the cause.
    if not found.points["where"].met and not before:
        said, quotes = units([s.text for s in answer.sentences])
        good = [quote for point in points if point.met for quote in point.quotes]
        fine = np.array([any(g in quote for g in good) for quote in quotes], bool)
        mistakes = _mistakes(question, said, quotes, fine, nearest=1)
    return AnswerVerdict(
        points,
        mistakes,
        deflections=tuple(e.quote for e in found.deflections),
    )


def _judge_points(question: Question, sentences: Sequence[str]) -> AnswerVerdict:
    said, quotes = units(sentences)
    single = np.array([quote in sentences for quote in quotes], bool)
    points = []
    makes_a_point = np.zeros(len(said), bool)
    shown, near = point_evidence(question, said)
    weights, bias = _weights()
    to_the_matter = near.max(initial=0.0) >= _TO_THE_MATTER
    for point, evidence in zip(question.points, shown, strict=True):
        likely = 1 / (1 + np.exp(-(evidence @ weights + bias)))
        makes_a_point |= likely >= _MET
        best = int(np.argmax(likely)) if len(said) else -1
        met = bool(to_the_matter and best >= 0 and likely[best] >= _MET)
        # The shortest quote that will do.
        if met and (likely[single] >= _MET).any():
            best = int(np.argmax(np.where(single, likely, 0.0)))
        points.append(PointHeard(point.id, point.says, met, (quotes[best],) if met else ()))
    # What holds something right may sound like a mistake as a whole; its clauses are looked at too.
    right = [unit for unit, makes in zip(said, makes_a_point, strict=True) if makes]
    fine = np.array([any(r in unit for r in right) for unit in said], bool)
    return AnswerVerdict(tuple(points), _mistakes(question, said, quotes, fine))


def _mistakes(
    question: Question,
    said: Sequence[str],
    quotes: Sequence[str],
    fine: NDArray[np.bool_],
    nearest: int = 2,
) -> tuple[MistakeHeard, ...]:
    """The mistakes that were made, with what was said.

    What is said is as near to a mistake as to the ``nearest`` of its wordings: to two, since one
    may be near by a single word; to one where nothing right was said. ``fine`` are the units that
    are known to be right: those are no mistakes, nor is what is nearer to a point or to the
    sentences that only sound like the mistake, nor what others are said to think, nor what is
    asked. Of mistakes that sound alike a unit makes the nearest.
    """
    if not question.mistakes:
        return ()
    nothing = np.zeros(len(said), np.float32)
    points = [_meant(said, [p.says, *p.phrasings], nearest) for p in question.points]
    claimed = np.max([nothing, *points], axis=0)
    claims_nothing = [bool(_OTHERS_THINK.search(quote)) or _asks(quote) for quote in quotes]
    fine = fine | np.array(claims_nothing, bool)
    wordings = [[m.says, *m.phrasings] for m in question.mistakes]
    near = np.array([_meant(said, texts, nearest) for texts in wordings])
    found = []
    for mistake, texts, likely in zip(question.mistakes, wordings, near, strict=True):
        wrong = (likely >= _MISTAKEN) & (likely == near.max(axis=0)) & ~fine
        wrong &= likely > claimed + _NOT_RIGHT
        wrong &= _on_the_whole(said, texts) > _on_the_whole(said, mistake.right) + _NOT_RIGHT
        if wrong.any():
            best = int(np.argmax(np.where(wrong, likely, -1.0)))
            found.append(MistakeHeard(mistake.says, mistake.correction, quotes[best]))
    return tuple(found)


def _asks(quote: str) -> bool:
    """Whether ``quote`` only asks."""
    sentences = re.split(r"(?<=[.!?])\s+", quote.strip())
    return all(s.endswith("?") and not _BEGS_ASSENT.search(s) for s in sentences)


def _meant(said: Sequence[str], texts: Sequence[str], nearest: int) -> NDArray[np.float32]:
    """How near each of ``said`` is to the ``nearest`` of ``texts``."""
    mean: NDArray[np.float32] = np.sort(_alike(said, texts), axis=1)[:, -nearest:].mean(axis=1)
    return mean


def _on_the_whole(said: Sequence[str], texts: Sequence[str]) -> NDArray[np.float32]:
    """How near each of ``said`` is to all of ``texts``, the nearer ones counting more.

    A mistake and what sounds like it are twins in nearly the same words: which of so many is the
    nearest is chance.
    """
    if not texts:
        return np.zeros(len(said), np.float32)
    near: NDArray[np.float32] = np.maximum(_alike(said, texts), 0)
    root: NDArray[np.float32] = np.sqrt(np.square(near).mean(axis=1))
    return root


def _alike(said: Sequence[str], texts: Sequence[str]) -> NDArray[np.float32]:
    """The likeness of each of ``said`` with each of ``texts``, denying told from affirming."""
    apart = _denies(said)[:, None] != _denies(texts)[None, :]
    alike: NDArray[np.float32] = likeness(said, texts) - np.float32(_DENIES_THE_OTHER) * apart
    return alike


def _denies(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Of each text, whether it denies something; denying twice affirms."""
    return np.array([len(_DENIAL.findall(text)) % 2 for text in texts], bool)


def point_evidence(
    question: Question, said: Sequence[str]
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """What speaks for each point: for each an array (units said, ``EVIDENCE``).

    Also the likeness of each point (rows) with each unit (columns).
    """
    contrary = [
        *(text for point in question.points for text in point.opposite),
        *(text for mistake in question.mistakes for text in mistake.phrasings),
    ]
    against = _best(likeness(said, contrary))
    # Whoever turns the question's own words round and round comes near to each of its points.
    echo = likeness(said, [question.text])[:, 0]
    length = np.minimum(np.array([len(text.split()) for text in said]) / 20, 2.0)
    says = [likeness(said, [point.says])[:, 0] for point in question.points]
    phrased = [np.sort(likeness(said, point.phrasings), axis=1) for point in question.points]
    near = np.array(
        [np.maximum(s, p.max(axis=1, initial=-1.0)) for s, p in zip(says, phrased, strict=True)]
    )
    shown = []
    for row in range(len(question.points)):
        others = np.delete(near, row, axis=0).max(axis=0, initial=0.0)
        columns = (
            near[row],
            near[row] ** 2,
            phrased[row][:, -2:].mean(axis=1),
            says[row],
            near[row] - others,
            near[row] - against,
            near[row] - echo,
            echo,
            length,
        )
        shown.append(np.stack(columns, axis=1).astype(np.float32))
    return shown, near


@cache
def _weights() -> tuple[NDArray[np.float32], float]:
    """Of ``EVIDENCE``, and the bias."""
    path = resource("models", "meaning", "points.json")
    fitted = json.loads(path.read_text(encoding="utf-8"))
    return np.array([fitted["weights"][name] for name in EVIDENCE], np.float32), fitted["bias"]


def units(sentences: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is compared, and the sentence each is quoted by: sentences, clauses, and neighbours."""
    said, quotes = [], []
    for index, sentence in enumerate(sentences):
        if not sentence.strip():
            continue
        said.append(sentence)
        quotes.append(sentence)
        clauses = [c.strip(" ,;:") for c in _CLAUSE_ENDS.split(sentence)]
        for clause in clauses if len(clauses) > 1 else []:
            if len(clause.split()) >= _CLAUSE_WORDS:
                said.append(clause)
                quotes.append(sentence)
        if index + 1 < len(sentences):
            said.append(f"{sentence} {sentences[index + 1]}")
            quotes.append(f"{sentence} {sentences[index + 1]}")
    return said, quotes


def _best(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """The best of each row, 0 where there is nothing to compare with."""
    best: NDArray[np.float32] = table.max(axis=1, initial=0.0)
    return best


# --- explaining ------------------------------------------------------------------------------


def _plainness(
    question: Question, verdict: AnswerVerdict, answer: Transcript
) -> tuple[PointHeard, ...]:
    """Plain words, short sentences, an example; nothing for an answer without content."""
    texts = [s.text for s in answer.sentences]
    lengths = [len(text.split()) for text in texts]
    content = any(point.met for point in verdict.points)
    unjudged = "" if content else ": not judged, as no point was heard"
    jargon = unexplained_jargon(answer, question.text)
    example = next((t for t in texts if cues.pattern("explaining", "example").search(t)), None)
    return (
        PointHeard(
            PLAINNESS[0],
            f"Plain words (heard without explanation: {', '.join(jargon)})"
            if jargon
            else f"Plain words{unjudged or ': no jargon without explanation'}",
            content and not jargon,
        ),
        PointHeard(
            PLAINNESS[1],
            f"Sentences that can be followed in one hearing{unjudged}",
            content and statistics.median(lengths) <= _PLAIN_WORDS,
        ),
        PointHeard(
            "example",
            "One concrete example or comparison",
            content and example is not None,
            (example,) if content and example else (),
        ),
    )


def unexplained_jargon(answer: Transcript, asked: str = "") -> list[str]:
    """Words of the trade that were not explained in the sentence that has them or the next.

    Explained once, in whatever form, is explained; what was ``asked`` uses such words first.
    """
    texts = [s.text for s in answer.sentences]
    explained = {term for term, _ in _jargon(asked)}
    found: dict[str, None] = {}
    for index, text in enumerate(texts):
        around = " ".join(texts[index : index + 2])
        if cues.pattern("explaining", "explained_by").search(around):
            explained.update(term for term, _ in _jargon(text))
        found.update((said.lower(), None) for term, said in _jargon(text) if term not in explained)
    acronyms = judge_delivery(answer).acronyms_unexplained
    found.update((term, None) for term, _ in acronyms if term not in re.findall(r"\w+", asked))
    return list(found)


def _jargon(text: str) -> list[tuple[str, str]]:
    """The words of the trade in ``text``: the phrase for all forms of one, and what is said."""
    phrases = cues.load("explaining")["jargon"]
    return [
        (next(p for p in phrases if re.fullmatch(p, said, re.IGNORECASE)), said)
        for said in (m.group() for m in cues.pattern("explaining", "jargon").finditer(text))
    ]
