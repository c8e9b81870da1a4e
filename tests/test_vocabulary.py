import soundfile

from runthrough.resources import resource
from runthrough.transcription.models import find_model
from runthrough.transcription.recognizer import Recognizer
from runthrough.vocabulary import hotwords

SLIDES = [
    "Sparse routing\nA learned router picks k blocks per query",
    "Straight-through Gumbel-softmax",
    "Results on LongBench and ResNet50",
    "Mahalanobis distance, mAP, W2V2",
]


def test_terms_are_found_and_common_words_left_out():
    terms = hotwords("", "Sparse routing with BigBird", "We follow Katharopoulos.", SLIDES).split(
        ", "
    )
    for term in (
        "BigBird",
        "Katharopoulos",
        "Gumbel-softmax",
        "LongBench",
        "ResNet50",
        "Mahalanobis",
        "mAP",
        "W2V2",
    ):
        assert term in terms
    assert not {"the", "We", "on", "and", "Results", "with"} & set(terms)


def test_the_users_own_come_first_and_whole():
    terms = hotwords("Zhang et al., Kolmogorov–Arnold\nLoRA", "BigBird LoRA")
    assert terms == "Zhang et al., Kolmogorov–Arnold, LoRA, BigBird"


def test_no_more_than_the_recogniser_takes_in():
    many = " ".join(f"Termword{n}x" for n in range(500))
    assert 300 < len(hotwords("", "", many)) <= 600


def test_nothing_gives_nothing():
    assert hotwords() == ""


def test_terms_that_are_not_said_are_not_made_up(tmp_path):
    never = ("Wasserstein", "Vyas", "Bhattacharyya", "Gumbel-softmax", "TensorFlow", "Nesterov")
    speech, rate = soundfile.read(
        resource("sample", "audio.flac"), frames=16_000 * 56, dtype="int16"
    )
    soundfile.write(tmp_path / "speech.wav", speech, rate, subtype="PCM_16")
    with Recognizer(find_model()) as recognizer:
        plain = recognizer.transcribe(tmp_path / "speech.wav").words
        told = recognizer.transcribe(tmp_path / "speech.wav", hotwords=", ".join(never)).words
    words = [word.text.strip(".,").casefold() for word in told]
    assert not {term.casefold() for term in never} & set(words)
    assert abs(len(told) - len(plain)) <= 0.05 * len(plain)
