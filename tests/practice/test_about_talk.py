"""Questions about one talk come from its review."""

from dataclasses import replace

from runthrough import analysis
from runthrough.formats import find_format
from runthrough.practice.about_talk import questions_about
from runthrough.talk import Answer

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


def test_a_claim_without_a_number_and_a_comparison_without_a_name_are_quoted():
    asked = {q.id.split(".")[1]: q for q in questions_about(review())}
    assert "much faster than the old one" in asked["claim"].text
    assert "outperforms all existing methods" in asked["comparison"].text
    assert asked["claim"].at_s is not None
    assert "STE" in asked["acronym"].text
    assert not any("thirty-six" in q.text for q in asked.values())


def test_what_the_speaker_settled_in_the_review_is_not_asked():
    report = review()
    finding = next(f for f in report.findings if f.id == "section.missing.limitations")
    settled = replace(finding, answer=Answer.NOT_A_PROBLEM)
    findings = tuple(settled if f is finding else f for f in report.findings)
    asked = questions_about(replace(report, findings=findings))
    assert "talk.limitations" not in {q.id for q in asked}
