from hypothesis import given, settings
from hypothesis import strategies as some

from runthrough.captions import GAP, Captions
from runthrough.talk import Word


def said(text, start_s=0.0, each_s=0.4):
    return tuple(
        Word(start_s + i * each_s, start_s + (i + 1) * each_s - 0.05, word)
        for i, word in enumerate(text.split())
    )


def settled(captions):
    return " ".join(word.text for word in captions.settled)


def tail(captions):
    return " ".join(word.text for word in captions.tail)


def test_a_word_is_settled_when_two_guesses_agree():
    captions = Captions()
    captions.guess(said("so instead of"), 1.5)
    assert (settled(captions), tail(captions)) == ("", "so instead of")
    captions.guess(said("so instead off scoring"), 2.0)
    assert (settled(captions), tail(captions)) == ("so instead", "off scoring")
    captions.guess(said("So, instead of scoring every"), 2.5)
    assert (settled(captions), tail(captions)) == ("so instead", "of scoring every")
    captions.guess(said("So instead of scoring every token"), 3.0)
    assert (settled(captions), tail(captions)) == ("so instead of scoring every", "token")


def test_final_words_that_are_shown_already_do_not_come_again():
    captions = Captions()
    spoken = ["one", "two", "three", "four", "five", "six"]
    for end in (4, 5, 6):
        captions.guess(said(" ".join(spoken[:end])), end * 0.4)
    assert settled(captions) == "one two three four five"
    captions.final(said("one two free four five six seven"), 3.0)
    assert settled(captions) == "one two three four five six seven"
    captions.guess(said("eight nine", start_s=2.8), 3.6)
    assert tail(captions) == "eight nine"


def test_a_word_shown_and_heard_again_a_little_later_stays_one():
    captions = Captions()
    captions.guess(said("we score blocks"), 1.2)
    captions.guess(said("we score blocks and"), 1.6)
    assert settled(captions) == "we score blocks"
    moved = said("blocks and then", start_s=1.05)
    captions.guess(moved, 2.2)
    assert settled(captions).count("blocks") == 1


def test_what_comes_too_late_is_passed_over():
    captions = Captions()
    captions.final(said("the beginning"), 1.0)
    captions.final(said("lost in the meantime", start_s=1.0), 30.0)
    assert settled(captions) == "the beginning"
    captions.final(said("late too now we are here", start_s=20.7), 30.0)
    assert settled(captions) == f"the beginning {GAP} we are here"


def test_what_was_on_the_screen_is_settled_however_late():
    captions = Captions()
    captions.guess(said("shown in time"), 2.0)
    captions.final(said("shown in time"), 30.0)
    assert settled(captions) == "shown in time"


words = some.lists(some.sampled_from(["a", "b", "c", "the", "router"]), min_size=1, max_size=12)


@settings(deadline=None)
@given(some.lists(some.tuples(some.booleans(), words), max_size=25))
def test_settled_words_never_change(steps):
    captions = Captions()
    before, start_s = [], 0.0
    for final, text in steps:
        told = said(" ".join(text), start_s=start_s)
        (captions.final if final else captions.guess)(told, told[-1].end_s)
        assert captions.settled[: len(before)] == before
        starts = [word.start_s for word in captions.settled]
        assert starts == sorted(starts)
        before = list(captions.settled)
        if final:
            start_s = told[-1].end_s
