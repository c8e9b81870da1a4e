"""Questions about one talk come from its review."""

from dataclasses import replace

import pytest

from runthrough import analysis
from runthrough.formats import find_format
from runthrough.practice.about_talk import question_on, questions_about
from runthrough.talk import Answer, Finding, Severity, Status

TALK = [
    "Good morning, I want to talk about finding leaks in water pipes by listening.",
    "A third of the drinking water is lost before it reaches anybody.",
    "In our method we put two microphones on the pipe.",
    "We compute when the sound arrives at each of them, which gives the place of the leak.",
    "Then a small network decides from the STE of the signal whether it is a leak.",
    "We train this network on recordings of real pipes.",
    "We tested it on forty leaks in the town of Ulm.",
    "As the test set we used pipes that were not in the training data.",
    "The results show that we found thirty-six of the forty leaks.",
    "As you can see in this table, our method is much faster than the old one.",
    "The results also show that it outperforms all existing methods.",
    "Thank you for your attention.",
]


def review():
    transcript = analysis.transcript_of_sentences(TALK, duration_s=90)
    return analysis.review(transcript, find_format("lightning-5"))


def test_each_question_says_why_it_is_asked():
    asked = questions_about(review())
    assert asked[0].id == "talk.limitations"
    assert all(question.about for question in asked)
    assert len({question.id for question in asked}) == len(asked)
    assert any(question.id == "talk.rigor.ablation" for question in asked)


def test_a_talk_that_was_not_judged_is_not_asked_about():
    transcript = analysis.transcript_of_sentences(["Wir suchen Lecks in Rohren."], duration_s=60)
    for unjudged in (replace(transcript, language="de"), replace(transcript, sentences=())):
        assert questions_about(analysis.review(unjudged, find_format("lightning-5"))) == []


THEORY = [
    "We ask how many samples a bandit needs when rewards have heavy tails.",
    "Bubeck and others gave an algorithm, but it has to know the moment.",
    "The idea is to run many guesses of the moment side by side.",
    "Then we drop each guess once it is contradicted.",
    "First we prove that a wrong guess is contradicted after log n steps.",
    "Then we prove that the right one never is, with high probability.",
    "{}",
    "The bound needs symmetric rewards, because our test compares both tails.",
    "Thank you for your attention.",
]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("There are no experiments in this work.", ["talk.rigor.negative_result"]),
        ("Our work is purely theoretical, as you see.", ["talk.rigor.negative_result"]),
        ("There are no experiments in this work on several arms.", None),
        ("We did no experiments with delayed rewards.", None),
    ],
)
def test_a_talk_that_has_no_experiments_is_not_asked_about_them(said, asked):
    texts = [text.format(said) for text in THEORY]
    spoken = analysis.transcript_of_sentences(texts, duration_s=60)
    report = analysis.review(spoken, find_format("conference-12"))
    found = next(f for f in report.findings if f.id == "section.missing.experiments")
    early = next(f for f in report.findings if f.id == "time.early")
    rigor = [q.id for q in questions_about(report) if q.id.startswith("talk.rigor.")]
    if asked is None:
        assert found.severity is Severity.HIGH
        assert {"talk.rigor.baselines", "talk.rigor.seeds"} <= set(rigor)
    else:
        assert found.severity is Severity.LOW
        assert said in found.detail
        assert "experiments" not in early.detail
        assert rigor == asked


def test_a_claim_without_a_number_and_a_comparison_without_a_name_are_quoted():
    asked = {q.id.split(".")[1]: q for q in questions_about(review())}
    assert "much faster than the old one" in asked["claim"].text
    assert "outperforms all existing methods" in asked["comparison"].text
    assert asked["claim"].at_s is not None
    assert "STE" in asked["acronym"].text
    assert not any("thirty-six" in q.text for q in asked.values())


@pytest.mark.parametrize(
    "text",
    [
        "Our code beats all baselines, namely BM25, DPR and ColBERT.",
        "It is better than existing methods such as BM25 and DPR by four points.",
        "It is not better than existing methods.",
        "It doesn't significantly outperform existing methods.",
        "We are better than the baselines BM25 and DPR.",
        "Compared with the baselines, which are BM25 and DPR, we gain three points.",
        "It outperforms previous methods, BM25 and DPR, by three points.",
        "It beats existing methods: Smith et al., Dense Passage Retrieval and fastText.",
        "We could not show, however, that it outperforms the baselines.",
        "It is not clear that it beats existing methods.",
        "No experiment shows that it beats existing methods.",
        "We wanted to know whether it is better than existing methods.",
        "Does it beat existing methods?",
        "Is it much faster?",
        "It is not so much faster.",
    ],
)
def test_a_comparison_that_is_named_or_not_claimed_is_not_asked_about(text):
    assert question_on(text, 12.0) is None


@pytest.mark.parametrize(
    "text",
    [
        "It is not only better than existing methods.",
        "Our code beats all baselines, like I said.",
        "BM25 is not better than existing methods, and our code beats all baselines.",
        "Compared with the baselines, FlowNet gains a lot.",
        "It is better than existing methods, I think.",
        "It beats all baselines (Table 2).",
        "There is no doubt that it outperforms existing methods.",
        "With no labels it outperforms existing methods.",
        "It is not clear why, but it beats existing methods.",
    ],
)
def test_a_comparison_without_a_name_is_asked_about(text):
    asked = question_on(text, 12.0)
    assert asked is not None
    assert asked.id.startswith("talk.comparison")


@pytest.mark.parametrize(
    "text",
    [
        "We reduced the error significantly, tenfold.",
        "It is significantly faster, and the time halved.",
        "It is much faster, the throughput doubled.",
        "Latency is an order of magnitude lower.",
    ],
)
def test_a_figure_in_words_is_a_number(text):
    assert question_on(text, 12.0) is None


@pytest.mark.parametrize(
    "text",
    [
        "It is much better on this manifold.",
        "It is orders of magnitude faster.",
        "In each fold it is much faster.",
    ],
)
def test_what_only_sounds_like_a_figure_is_none(text):
    asked = question_on(text, 12.0)
    assert asked is not None
    assert asked.id.startswith("talk.claim")


def test_that_something_fails_is_not_said_to_be_unheard():
    report = review()
    unmet = tuple(replace(item, confidence=0.0, evidence=()) for item in report.rigor)
    reasons = {q.id: q.about for q in questions_about(replace(report, rigor=unmet))}
    said = "Something that was tried and failed was not heard in your talk."
    assert reasons["talk.rigor.negative_result"] == said


FINDINGS = {
    "section.missing.limitations": ["talk.limitations"],
    "section.missing.motivation": ["talk.section.motivation"],
    "rigor.spread": ["talk.rigor.seeds", "talk.rigor.significance"],
    "delivery.acronyms": ["talk.acronym.ste"],
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_what_the_speaker_settled_in_the_review_is_not_asked(finding):
    report = review()
    sections = tuple(replace(s, status=Status.MISSING) for s in report.sections)
    report = replace(report, sections=sections, findings=())
    settled = Finding(finding, Severity.MEDIUM, "", "", answer=Answer.NOT_A_PROBLEM)
    before = [q.id for q in questions_about(report)]
    after = [q.id for q in questions_about(replace(report, findings=(settled,)))]
    assert [q for q in before if q not in after] == FINDINGS[finding]
