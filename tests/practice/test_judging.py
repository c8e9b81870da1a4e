"""Verdicts on answers, by the real models."""

from dataclasses import replace

import pytest

from runthrough import analysis
from runthrough.practice.about_talk import template
from runthrough.practice.bank import find_question
from runthrough.practice.follow_ups import DEEPEST, combined, follow_up
from runthrough.practice.judging import judge_answer, unexplained_jargon


def heard(text):
    return analysis.transcript_of_sentences(analysis.split_text(text))


def judged(question, text):
    name = question.removeprefix("talk.")
    asked = find_question(question) if name == question else template(name, "", term="OCR")
    return judge_answer(asked, heard(text))


def met(verdict):
    return {point.id for point in verdict.points if point.met}


def test_a_point_is_met_by_its_meaning_and_quoted():
    verdict = judged(
        "l1-l2",
        "With L2 the pull fades as a weight gets small, so it shrinks but never quite vanishes.",
    )
    assert met(verdict) == {"l2-proportional"}
    (point,) = [p for p in verdict.points if p.met]
    assert "the pull fades" in point.quotes[0]


@pytest.mark.parametrize(
    ("question", "text", "point"),
    [
        ("vit-cnn", "With a pre-trained backbone I'd use a ViT even on a small data set.", "data"),
        (
            "calibration",
            "Large pre-trained language models are well calibrated before fine-tuning.",
            "overconfident",
        ),
        ("pac", "PAC-Bayes bounds can be non-vacuous for deep networks.", "vacuous"),
        (
            "reparameterisation",
            "It can't be used if what comes after the sample is a black box, such as a reward.",
            "discrete",
        ),
        ("numpy-vectorise", "I would simply call cdist from SciPy.", "broadcast"),
        (
            "ssm",
            "In Mamba the parameters depend on the input, so it can choose what to remember.",
            "selective",
        ),
        ("serving", "Prefill is compute bound and sets the time to the first token.", "prefill"),
        ("conv-attention", "Convolution is equivariant to shifts.", "equivariance"),
    ],
)
def test_what_is_true_by_now_meets_its_point(question, text, point):
    verdict = judged(question, text)
    assert met(verdict) == {point}
    assert verdict.mistakes == ()


def test_saying_the_contrary_does_not_meet_a_point_and_is_named():
    verdict = judged("l1-l2", "L2 makes most of the weights exactly zero.")
    assert met(verdict) == set()
    assert verdict.mistakes[0].quote == "L2 makes most of the weights exactly zero."
    assert verdict.score == 0


@pytest.mark.parametrize(
    ("question", "point", "text"),
    [
        (
            "reviewer",
            "objection",
            "They'd say we evaluated on one benchmark we built, and they'd be right.",
        ),
        (
            "talk.rigor.baselines",
            "strongest",
            "No, there's a stronger system from last month, but we couldn't run it here.",
        ),
        ("talk.rigor.seeds", "runs", "It is a single run, so we don't know how much it varies."),
        (
            "architecture-or-data",
            "interaction",
            "The gain may only be there when both come together.",
        ),
        ("leak", "hindsight", "One feature was filled in only after the outcome was known."),
        ("confidence", "luck", "It's unlikely to happen by chance if the two were the same."),
        ("privacy", "measures", "It can only be asked inside the hospital, and just by staff."),
        ("null-hypothesis", "level-before", "There's a single planned test, at five percent."),
        ("sample-size", "power", "The test set was fixed, so we computed what it could detect."),
        ("baseline-below", "find-cause", "Maybe they reported the best of many runs."),
        ("llm-wrong", "no-truth", "A made-up case reads as well as a true one."),
    ],
)
def test_what_answers_the_question_is_heard(question, point, text):
    verdict = judged(question, text)
    assert point in met(verdict)
    assert verdict.mistakes == ()


@pytest.mark.parametrize(
    ("question", "point", "text"),
    [
        ("confidence", "luck", "It's unlikely that it was just chance."),
        ("privacy", "measures", "The data never leave the hospital, only the model does."),
        ("talk.rigor.significance", "test", "The error bars don't overlap."),
        ("talk.rigor.seeds", "spread", "It's a single run, so we don't know how much it varies."),
        ("harm", "who", "I see no one who is harmed directly."),
    ],
)
def test_what_an_expert_would_object_to_meets_no_point(question, point, text):
    assert point not in met(judged(question, text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fine.",
        "It is a highly innovative and future-proof approach that opens up entirely new avenues.",
        "Banana the of seven quickly under route lamp because nine.",
    ],
)
@pytest.mark.parametrize("question", ["limitations", "elbo", "cost"])
def test_nothing_said_scores_nothing(question, text):
    assert judged(question, text).score == 0


def test_one_sentence_with_all_three_is_a_full_answer_about_limitations():
    verdict = judged(
        "limitations",
        "It fails on plastic pipes because plastic damps the high frequencies, "
        "and a third sensor in the middle would fix that.",
    )
    assert verdict.score == 1


def test_an_explanation_needs_plain_words_and_an_example_besides_content():
    plain = judged(
        "overfitting",
        "It's like a pupil who learns last year's exam by heart. Give him new questions and he is "
        "lost. So we keep some questions back for the end.",
    )
    assert {"plain_words", "short_sentences", "example"} <= met(plain)
    jargon = judged(
        "overfitting",
        "The network memorises the training set, so the loss on held-out data goes up after some "
        "epochs, which is why we use dropout and weight decay and look at validation curves.",
    )
    assert "plain_words" not in met(jargon)
    (words,) = [p.says for p in jargon.points if p.id == "plain_words"]
    assert "dropout" in words


def test_a_short_answer_is_plain_by_its_words():
    text = (
        "It would rarely happen by luck. It doesn't mean the effect is big. And it may still be "
        "wrong."
    )
    verdict = judged("confidence", text)
    assert {"plain_words", "short_sentences"} <= met(verdict)
    assert follow_up(find_question("confidence"), [verdict]).id == "confidence.example"


def test_an_acronym_is_explained_in_one_sentence():
    said = "OCR stands for optical character recognition, which turns a photo of a page into text."
    verdict = judged("talk.acronym", said)
    assert verdict.score == 1
    assert follow_up(template("acronym", "", term="OCR"), [verdict]) is None


def test_how_plain_an_answer_without_content_is_stays_open():
    whole = find_question("overfitting")
    question = replace(whole, points=whole.points[:1])
    empty = judge_answer(question, heard("Well, you know."))
    assert [p.says for p in empty.points if "not judged" in p.says and not p.met] == [
        "Plain words: not judged, as no point was heard",
        "Sentences that can be followed in one hearing: not judged, as no point was heard",
    ]
    assert empty.score == 0
    asked, verdicts = [], [empty]
    while (found := follow_up(question, verdicts, asked)) is not None:
        asked.append(found.id)
        verdicts.append(empty)
    assert asked == ["overfitting.by-heart", "overfitting.example"]
    jargon = judge_answer(question, heard("It learns the examples by heart for want of dropout."))
    assert met(jargon) == {"by-heart", "short_sentences"}
    in_all = combined(question, [empty, jargon, empty])
    assert "Plain words (heard without explanation: dropout)" in [p.says for p in in_all.points]
    assert follow_up(question, [empty, jargon]).id == "overfitting.plain_words"


def test_jargon_that_is_explained_at_once_is_no_jargon():
    assert unexplained_jargon(heard("We use dropout. That means we mute some units.")) == []
    assert unexplained_jargon(heard("We use dropout. It works well.")) == ["dropout"]
    later = "A token is a piece of a word, that is, a few letters. It reads. It repeats the tokens."
    assert unexplained_jargon(heard(later)) == []
    assert unexplained_jargon(heard("It overfits on CTC."), "Explain CTC, overfitting.") == []
    assert unexplained_jargon(heard("Basically we use dropout.")) == ["dropout"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("It learns like a child.", True),
        ("Take a child that has seen one dog.", True),
        ("Suppose you had seen one dog.", True),
        ("I would like the model to be good.", False),
        ("We don't like the idea.", False),
        ("It would take a day.", False),
        ("I suppose that it works.", False),
    ],
)
def test_a_comparison_is_an_example_and_a_wish_is_none(text, is_one):
    verdict = judged("overfitting", f"The system learns the examples by heart. {text}")
    assert ("example" in met(verdict)) is is_one


@pytest.mark.parametrize(
    ("question", "wrong", "right"),
    [
        (
            "kv-cache",
            "With the cache, attention is linear in the total length.",
            "Even with the cache each new token still attends to all of the earlier ones.",
        ),
        (
            "lora",
            "LoRA compresses the model, so afterwards it runs faster at inference.",
            "Once it is merged, the model runs just as fast at inference as before.",
        ),
        (
            "layernorm",
            "Layer norm takes its mean and variance over the batch.",
            "Layer norm doesn't take its mean and variance over the batch.",
        ),
        (
            "elbo",
            "The ELBO equals the log likelihood exactly.",
            "The ELBO doesn't equal the log likelihood exactly.",
        ),
        (
            "confidence",
            "It means we are ninety-five percent certain that it's true.",
            "Many believe we are ninety-five percent certain then, but that isn't what it means.",
        ),
        (
            "confidence",
            "The probability that the result is due to chance is below five percent.",
            "It's unlikely that you'd get this by pure chance.",
        ),
        (
            "shift",
            "A random test split shows that it works elsewhere as well.",
            "A random test split tells you how it does on new data from the same source.",
        ),
        (
            "generalise",
            "It scores well on the test set, so it'll do well on any data.",
            "A high test score shows that it generalises to new data from the same source.",
        ),
        (
            "harm",
            "It's only a tool, and what users do with it is their own business.",
            "I see no one who is harmed directly.",
        ),
        (
            "overfitting",
            "The model is too simple for the data.",
            "A simpler model, stopping earlier and more examples.",
        ),
    ],
)
def test_a_mistake_is_named_and_what_only_sounds_like_it_is_not(question, wrong, right):
    assert [m.quote for m in judged(question, wrong).mistakes] == [wrong]
    assert judged(question, right).mistakes == ()


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (
            "kv-cache",
            "Caching gets rid of the quadratic cost per step.",
            "Thanks to the cache generating the whole text is linear in its length.",
        ),
        (
            "distillation",
            "In DistilBERT the student is initialised with the weights of the teacher.",
            "The student must have the same layers as the teacher.",
        ),
        (
            "positions",
            "A decoder with a causal mask can learn the order without positional encodings.",
            "The model gets the words one after the other, so it knows the order anyway.",
        ),
        (
            "causal-bidirectional",
            "Diffusion language models show that a bidirectional model can generate text well.",
            "BERT generates text as well as GPT does.",
        ),
        (
            "vit-cnn",
            "In a Swin transformer locality is built in by windows.",
            "A vision transformer needs less data because locality is built into it.",
        ),
        (
            "lora",
            "After merging, the weights of the model have changed.",
            "LoRA changes the weights of the model a little.",
        ),
        (
            "sgd-convergence",
            "If the model interpolates the data a constant learning rate converges to the optimum.",
            "A small enough constant step converges exactly to the optimum.",
        ),
        (
            "bias-variance",
            "Below the interpolation threshold more parameters do overfit more.",
            "More parameters always mean more overfitting.",
        ),
        (
            "parallel",
            (
                "If the model does not fit I would first use FSDP, "
                "which is data parallel with sharding."
            ),
            "When the model does not fit I use data parallelism.",
        ),
        (
            "serving",
            "Under heavy load larger batches reduce the latency because requests wait less.",
            "The larger the batch, the lower the latency.",
        ),
        (
            "curation",
            "Independent label noise averages out with enough data.",
            "With enough data the junk averages out, so I would not clean at all.",
        ),
        (
            "nan",
            "With a gradient scaler steps with NaN gradients are skipped and training goes on.",
            "I would replace the NaNs with zero and go on.",
        ),
    ],
)
def test_what_is_right_under_a_condition_is_no_mistake(question, right, wrong):
    assert judged(question, right).mistakes == ()
    assert [m.quote for m in judged(question, wrong).mistakes] == [wrong]


def test_a_sentence_that_makes_a_point_is_not_called_a_mistake_as_well():
    said = "A model that overfits has learned its examples by heart, so it is bad on new ones."
    verdict = judged("overfitting", said)
    assert "new-cases" in met(verdict)
    assert verdict.mistakes == ()
    both = "It does well on old cases and badly on new ones, because the model is too simple."
    assert [m.quote for m in judged("overfitting", both).mistakes] == [both]


@pytest.mark.parametrize(
    ("question", "back"),
    [
        ("limitations", "What do you mean by limitations?"),
        ("limitations", "Do you mean that there are no limitations?"),
        ("limitations", "Should it be used for everything?"),
        ("where-fails", "Is there an input where it fails?"),
        ("not-use", "Should everybody use it?"),
        ("overfitting", "What is overfitting?"),
    ],
)
def test_a_question_back_is_no_mistake(question, back):
    verdict = judged(question, back)
    assert (verdict.mistakes, verdict.score) == ((), 0)
    assert "Are you sure?" not in follow_up(find_question(question), [verdict]).text


@pytest.mark.parametrize("around", ["It has no limitations, right?", "Who cares?"])
def test_a_question_that_begs_assent_waves_away(around):
    assert judged("limitations", around).deflections == (around,)


def test_what_is_said_instead_of_a_limit_is_named_and_not_beside_one():
    question = find_question("limitations")
    weak = "Mainly we didn't have enough time and our resources were limited."
    verdict = judged("limitations", weak)
    assert [m.quote for m in verdict.mistakes] == [weak]
    assert verdict.score == 0
    # It is told once, and pressed on as evading the question is.
    assert verdict.deflections == (weak,)
    assert verdict.other_deflections == ()
    assert follow_up(question, [verdict]).id == "limitations.deflection"
    little = "The main limitation is that we had little data for rare diseases."
    assert judged("limitations", little).mistakes == ()
    limit = "It fails on plastic pipes, because plastic damps the high frequencies."
    assert judged("limitations", f"{weak} {limit}").mistakes == ()
    assert judge_answer(question, heard(weak), ["It fails on plastic pipes."]).mistakes == ()


# --- follow-ups ------------------------------------------------------------------------------


def test_the_follow_up_asks_for_what_was_lacking_and_quotes_the_speaker():
    question = find_question("limitations")
    first = judged("limitations", "It fails on contracts that are longer than sixty pages.")
    asked = follow_up(question, [first])
    assert asked.id == "limitations.why"
    assert "longer than sixty pages" in asked.text


def test_deflection_is_pressed_on_once():
    question = find_question("limitations")
    dodge = judged("limitations", "Honestly there are no real limitations, it works everywhere.")
    first = follow_up(question, [dodge])
    assert first.id == "limitations.deflection"
    second = follow_up(question, [dodge, dodge], [first.id])
    assert second.id == "limitations.where"


def test_as_long_as_no_place_is_named_nothing_else_is_asked_for():
    question = find_question("limitations")
    said = ["I don't know.", "Still no idea."]
    verdicts = [judge_answer(question, heard(text), said[:i]) for i, text in enumerate(said)]
    asked = follow_up(question, verdicts[:1])
    assert asked.id == "limitations.where"
    assert follow_up(question, verdicts, [asked.id]) is None


def test_who_is_pressed_is_asked_for_what_was_not_said():
    question = find_question("limitations")
    away = " But nobody drives at night, so it does not really matter."
    place = "It misses people in dark clothes at night"
    named = judged("limitations", f"{place}.{away}")
    cause = judged("limitations", f"{place}, because the camera sees no contrast there.{away}")
    assert (met(named), met(cause)) == ({"where"}, {"where", "why"})
    asked = [follow_up(question, [verdict]) for verdict in (named, cause)]
    assert {one.id for one in asked} == {"limitations.deflection"}
    assert asked[0].text.endswith(": why does it fail there, and what would fix it?")
    assert asked[1].text.endswith(": what would fix it?")


def test_a_round_ends_when_all_is_said_or_after_three_follow_ups():
    question = find_question("limitations")
    vague = judged("limitations", "It fails on plastic pipes. But that does not really matter.")
    asked, verdicts = [], [vague]
    while (found := follow_up(question, verdicts, asked)) is not None:
        asked.append(found.id)
        verdicts.append(vague)
    assert len(asked) == len(set(asked)) == DEEPEST
    said = [
        "It fails on plastic pipes.",
        "Because plastic damps the high frequencies.",
        "A third sensor in the middle would fix that.",
    ]
    parts = [judge_answer(question, heard(text), said[:i]) for i, text in enumerate(said)]
    assert combined(question, parts).score == 1
    assert follow_up(question, parts, asked[:2]) is None


def test_a_mistake_anywhere_in_a_round_is_told_once():
    question = find_question("overfitting")
    right = judged("overfitting", "The system learns the examples by heart.")
    wrong = judged("overfitting", "Overfitting means the model is too simple.")
    again = judged("overfitting", "The model is simply too simple for the data.")
    assert again.mistakes
    for verdicts in ([right, wrong, again], [again, wrong, right], [wrong, again]):
        heard_in_all = combined(question, verdicts).mistakes
        assert len(heard_in_all) == 1
    assert heard_in_all[0].quote == again.mistakes[0].quote


def test_what_drowned_a_limit_in_a_follow_up_is_told_and_no_mistake_beside_one():
    question = find_question("limitations")
    dodge = "Honestly there are no real limitations, it works everywhere."
    limit = judged("limitations", "It fails on plastic pipes.")
    first = combined(question, [judged("limitations", dodge), limit])
    assert (first.mistakes, first.other_deflections) == ((), (dodge,))
    later = judge_answer(question, heard(dodge), ["It fails on plastic pipes."])
    assert combined(question, [limit, later]).deflections == (dodge,)


def test_a_deflection_said_again_and_again_is_told_once():
    said = "There are no real limitations, it simply works."
    verdict = judged("limitations", " ".join([said] * 3))
    assert verdict.deflections.count(said) == 3
    assert verdict.other_deflections.count(said) <= 1
    assert said in (*verdict.other_deflections, *(m.quote for m in verdict.mistakes))
