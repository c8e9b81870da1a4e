"""Hears words in pieces of sound. Runs in the recognition process only.

What Whisper gets wrong, it gets wrong by leaving out and by making up. Both are checked against
the sound: a piece without a voice is not decoded, text where there is no voice is dropped, and a
stretch with a voice but no words is decoded once more by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from runthrough.audio.wav import SAMPLE_RATE_HZ
from runthrough.talk import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from runthrough.transcription.cutter import Piece

    Sound = npt.NDArray[np.float32]

# The voice detector (Silero) gives a probability for each of these, which are 32 ms long.
_FRAME = 512
_FRAME_S = _FRAME / SAMPLE_RATE_HZ
# It adapts to what is loud and goes deaf for soft speech after it, so it listens to windows of
# about 4 s, half overlapping, each brought to the same loudness and without memory of the last.
_WINDOW = 124 * _FRAME
_LOUDNESS = 0.3  # of full scale, reached by the loudest half percent of samples
_MAX_GAIN = 100.0
# Above this there is a voice. Measured: of 60 s each of white, pink and brown noise, hum, clicks
# and key strokes, at -30 and at -50 dB, no frame reaches it; of speech, 60 to 80 % do, and still
# half of the softest clip when that is made 45 dB softer.
_VOICE = 0.4
_MIN_VOICE_S = 0.15  # a short "yes"; less is a cough
# Word times are this uncertain, so a voice this near counts as the word's own.
_NEAR_S = 0.3
# A word that seems to last longer than this hides others: its middle does not count as told.
_LONG_WORD_S = 1.2
# A word takes about so long to say, each of its letters, and besides each that is spelt or counted;
# where there is a voice for so much longer, other words are under it. Measured on an hour of a
# synthetic voice: that found the four places where three to eight words were left out, no other.
_WORD_S, _LETTER_S, _SPELT_S = 0.45, 0.09, 0.4
_MIN_HIDDEN_S = 0.8
_MIN_LOST_S = 1.0  # a shorter untold stretch is a breath, a filler or a word's tail
# A piece that was told what came before is heard without it already for so much, of either kind.
_MISSED_S, _MISSED_UNDER_S = 0.5, 0.25
_LOST_GAP_S = 0.6  # untold stretches nearer than this are one
# In the silence at the end of a piece, Whisper likes to go on with the terms it was told. Measured
# on 30 pieces with hotwords: what was invented had less voice than this and was more likely no
# speech than this; of what was said, the segment with the least had 5 s of voice and 0.12.
_ECHO_VOICE_S, _ECHO_NO_SPEECH = 0.25, 0.4
# Below this mean log probability a text is a guess; it is Whisper's own limit.
_GUESS = -1.0
# As many ways to go on are followed at once: Whisper's own number.
_BEAM = 5
# A piece is told what was said before it, beside the terms of the talk: together so much as Whisper
# takes, half of what it can read. Of an hour of a synthetic voice, that spared 33 of 284 wrong
# words, most of them names that were written anew each time. But then Whisper does not like to
# write the same again, be it said again, and what it has made up it goes on making up. So a piece
# in which so many words in a row were told, or a voice stays without words, or Whisper had to try
# again, is heard without.
_CONTEXT_TOKENS, _AGAIN_WORDS = 200, 5
# That takes twice the time: with a speaker of whom more than this share of the pieces, and more
# than one, was heard twice, nothing is told.
_TWICE_SHARE = 0.1
# For guesses, in frames of 10 ms: the 30 s that Whisper's encoder is made for, and the silence
# after the sound that it needs to find the end. With too little it says the last sentence twice,
# and so many tokens in a row may come once only. Measured on 150 s of the sample talk, captions
# that differ from the transcript: 1.7 % with all 30 s, 2.0 % so, 4.0 % with half the silence,
# 5.7 % with half and repetitions.
_WHOLE_FRAMES, _END_FRAMES = 3000, 600
_NO_REPEAT = 3
# Nobody speaks faster; a text that is longer repeats itself.
_TOKENS_A_SECOND, _TOKENS_BESIDES = 8, 12


@dataclass(frozen=True, slots=True)
class Heard:
    """``words`` of a piece, and the ``tokens`` that later pieces are told.

    They are ``None`` where neither these nor those of the pieces before are to be told. ``twice``
    is whether the piece had to be heard once more, without having been told anything.
    """

    words: tuple[Word, ...]
    tokens: tuple[int, ...] | None = ()
    twice: bool = False


class Listener:
    """A loaded model, which hears ``workers`` pieces at once with ``threads`` for each.

    ``language`` is the code of what is spoken; where the model does not know it, or it is empty,
    the sound tells. Raises ``RuntimeError`` if CTranslate2 can't load it.
    """

    def __init__(self, folder: Path, threads: int, workers: int = 1, language: str = "") -> None:
        from faster_whisper import WhisperModel
        from tqdm import tqdm

        # Its bars are never shown, and each leaves a thread that wakes up every ten seconds.
        tqdm.monitor_interval = 0
        self._model = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            num_workers=workers,
            local_files_only=True,
        )
        self._languages: list[str] = self._model.supported_languages
        if len(self._languages) == 1:
            self._chosen = self._languages[0]
        else:
            self._chosen = language if language in self._languages else ""
        self.begin()

    def begin(self) -> None:
        """Hear another recording, which may be in another language if none was chosen."""
        self.language: str = self._chosen

    def guess(self, piece: Piece, hotwords: str = "") -> tuple[Word, ...]:
        """About the words in ``piece``, of at most 30 s, in a third of the time ``hear`` takes.

        Whisper's encoder is given no more silence after the sound than it needs to find its end,
        instead of filling up 30 s, and only the likeliest words are followed. At the end of the
        sound a guess is worse than what ``hear`` finds; who shows it waits for the next to agree.
        """
        from faster_whisper.transcribe import get_suppressed_tokens, pad_or_trim

        sound = piece.samples.astype(np.float32) / np.float32(32768)
        voice = _find_voice(sound)
        if _seconds(voice, 0, len(sound) / SAMPLE_RATE_HZ) < _MIN_VOICE_S:
            return ()
        model, tokenizer = self._model, self._tokenizer(sound)
        features = model.feature_extractor(sound)
        frames = min(features.shape[-1], _WHOLE_FRAMES)
        encoded = model.encode(pad_or_trim(features, min(frames + _END_FRAMES, _WHOLE_FRAMES)))
        prompt = model.get_prompt(tokenizer, [], hotwords=hotwords or None)
        longest = round(_TOKENS_A_SECOND * len(sound) / SAMPLE_RATE_HZ) + _TOKENS_BESIDES
        (result,) = model.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            no_repeat_ngram_size=_NO_REPEAT,
            max_length=min(len(prompt) + longest, model.max_length),
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
        )
        tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
        (aligned,) = model.find_alignment(tokenizer, [tokens], encoded, frames) or ([],)
        found = without_repeat(self._join(_AlignedWord(**word) for word in aligned))
        return _in_order(
            [w for w in found if _seconds(voice, w.start_s - _NEAR_S, w.end_s + _NEAR_S) > 0],
            piece,
        )

    def _tokenizer(self, sound: Sound) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        model = self._model
        return Tokenizer(
            model.hf_tokenizer,
            model.model.is_multilingual,
            task="transcribe",
            language=self._language_of(sound),
        )

    def _language_of(self, sound: Sound) -> str:
        """The language spoken, found out from ``sound`` where it is not known yet."""
        if not self.language:
            self.language = str(self._model.detect_language(sound)[0])
        return self.language

    def hear(self, piece: Piece, hotwords: str = "", earlier: Iterable[Heard] = ()) -> Heard:
        """The words in ``piece``; times count from the start of the recording, in order.

        ``earlier`` pieces, the last first, tell what is being talked about.
        """
        sound = piece.samples.astype(np.float32) / np.float32(32768)
        voice = _find_voice(sound)
        if _seconds(voice, 0, len(sound) / SAMPLE_RATE_HZ) < _MIN_VOICE_S:
            return Heard(())
        before = _told(earlier)
        context = self._context(before, hotwords)
        segments = self._decode(sound, hotwords, context)
        heard = self._spoken(segments, voice)
        twice = bool(context) and (
            _is_doubtful(segments)
            or bool(_untold(voice, heard, _MISSED_S))
            or any(hides_others(voice, word, _MISSED_UNDER_S) for word in heard)
            or _is_told(before, heard)
        )
        if twice:
            segments = self._decode(sound, hotwords)
            heard = self._spoken(segments, voice)
        for word in [word for word in heard if hides_others(voice, word)]:
            told = self._again(sound, word.start_s, word.end_s, hotwords)
            if len(told) > 1:
                at = heard.index(word)
                heard[at : at + 1] = told
        for start_s, end_s in _untold(voice, heard):
            heard += self._again(sound, start_s, end_s, hotwords)
        heard.sort(key=lambda word: word.start_s)
        tokens = tuple(token for segment in segments for token in segment.tokens)
        return Heard(_in_order(heard, piece), None if _is_doubtful(segments) else tokens, twice)

    def _context(self, before: Iterable[Heard], hotwords: str) -> list[int]:
        """The end of what was said before, as long as it has room beside ``hotwords``."""
        terms = self._model.hf_tokenizer.encode(" " + hotwords, add_special_tokens=False).ids
        room = _CONTEXT_TOKENS - len(terms)
        said = [token for heard in before for token in heard.tokens or ()]
        return said[-room:] if room > 0 else []

    def _spoken(self, segments: Iterable[Any], voice: npt.NDArray[np.bool_]) -> list[Word]:
        """The words of ``segments`` where somebody speaks."""
        return [
            word
            for segment in segments
            if _seconds(voice, segment.start - _NEAR_S, segment.end + _NEAR_S) >= _MIN_VOICE_S
            and not _is_echo(voice, segment)
            for word in self._join(segment.words)
        ]

    def _again(self, sound: Sound, start_s: float, end_s: float, hotwords: str) -> list[Word]:
        """The words between the two times, heard by themselves."""
        first = max(0, round((start_s - _NEAR_S) * SAMPLE_RATE_HZ))
        again = (
            _later(word, first / SAMPLE_RATE_HZ)
            for segment in self._decode(
                sound[first : round((end_s + _NEAR_S) * SAMPLE_RATE_HZ)], hotwords
            )
            if segment.avg_logprob > _GUESS
            for word in self._join(segment.words)
        )
        return [word for word in again if start_s <= (word.start_s + word.end_s) / 2 <= end_s]

    def _decode(self, sound: Sound, hotwords: str, context: Sequence[int] = ()) -> list[Any]:
        import ctranslate2

        language = self._language_of(sound)
        # Where the first try fails, faster-whisper samples: the same sound gives the same words.
        ctranslate2.set_random_seed(0)
        segments, _ = self._model.transcribe(
            sound,
            language=language,
            beam_size=_BEAM,
            word_timestamps=True,
            initial_prompt=context or None,
            # Whether there is speech has been asked already; Whisper's own answer loses passages.
            no_speech_threshold=None,
            hotwords=hotwords or None,
        )
        return [segment for segment in segments if segment.words]

    def _join(self, words: Iterable[Any]) -> list[Word]:
        """Whisper's words as people count them: "ill" and "-disposed" are one."""
        joined: list[Word] = []
        for word in words:
            found = Word(word.start, word.end, word.word.strip(), word.probability)
            if not found.text:
                continue
            if joined and not word.word.startswith(" ") and self.language not in _UNSPACED:
                last = joined.pop()
                found = Word(
                    last.start_s,
                    found.end_s,
                    last.text + found.text,
                    min(last.probability, found.probability),
                )
            joined.append(found)
        return [word for word in joined if any(char.isalnum() for char in word.text)]


@dataclass(frozen=True, slots=True)
class _AlignedWord:
    """A word as faster-whisper aligns it."""

    word: str
    tokens: list[int]
    start: float
    end: float
    probability: float


# Written without spaces between words.
_UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km"})


def _find_voice(sound: Sound) -> npt.NDArray[np.bool_]:
    """For each frame of 32 ms, whether there is a voice."""
    from faster_whisper.vad import get_vad_model

    detect = get_vad_model()
    sound = np.pad(sound, (0, -len(sound) % _FRAME))
    probability = np.zeros(len(sound) // _FRAME, np.float32)
    for first in range(0, max(1, len(sound) - _WINDOW // 2), _WINDOW // 2):
        window = sound[first : first + _WINDOW]
        loud = float(np.percentile(np.abs(window), 99.5))
        gain = min(_LOUDNESS / max(loud, 1e-9), _MAX_GAIN)
        found = detect(np.clip(window * np.float32(gain), -1, 1)).ravel()
        frames = probability[first // _FRAME :][: len(found)]
        np.maximum(frames, found, out=frames)
    return probability > _VOICE


def without_repeat(words: list[Word]) -> list[Word]:
    """``words`` without an end that says once more, in other capitals, what was said before it.

    That is how Whisper gets around being forbidden to repeat itself when only silence is left.
    """
    plain = [word.text.strip(".,?!").lower() for word in words]
    for length in range(len(words) // 2, _NO_REPEAT - 1, -1):
        if plain[-length:] == plain[-2 * length : -length]:
            return words[:-length]
    return words


def _told(earlier: Iterable[Heard]) -> list[Heard]:
    """Of ``earlier`` pieces, the last first, those that the next is told of, in order."""
    told: list[Heard] = []
    pieces = list(earlier)
    if sum(heard.twice for heard in pieces) > 1 + _TWICE_SHARE * len(pieces):
        return told
    for heard in pieces:
        if heard.tokens is None or sum(len(h.tokens or ()) for h in told) >= _CONTEXT_TOKENS:
            break
        told.insert(0, heard)
    return told


def _is_doubtful(segments: Iterable[Any]) -> bool:
    """Whether Whisper did not trust its first try."""
    return any(segment.temperature > 0 for segment in segments)


def _is_told(before: Iterable[Heard], words: Sequence[Word]) -> bool:
    """Whether ``words`` say again what was told before."""

    def runs(words: Sequence[Word]) -> set[tuple[str, ...]]:
        plain = [word.text.strip(".,?!").lower() for word in words]
        return set(zip(*(plain[first:] for first in range(_AGAIN_WORDS)), strict=False))

    return bool(runs([word for heard in before for word in heard.words]) & runs(words))


def _is_echo(voice: npt.NDArray[np.bool_], segment: Any) -> bool:
    """Whether a segment is made up where nobody speaks any more."""
    said_s = _seconds(voice, segment.start, segment.end)
    return said_s < _ECHO_VOICE_S and segment.no_speech_prob > _ECHO_NO_SPEECH


def _seconds(voice: npt.NDArray[np.bool_], start_s: float, end_s: float) -> float:
    """How long there is a voice between the two times."""
    first, last = max(0, int(start_s / _FRAME_S)), int(end_s / _FRAME_S) + 1
    return float(np.count_nonzero(voice[first:last])) * _FRAME_S


def hides_others(voice: npt.NDArray[np.bool_], word: Word, least_s: float = _MIN_HIDDEN_S) -> bool:
    """Whether ``word`` lasts so much longer than it takes to say that others are under it.

    Whisper leaves out a clause now and then and stretches the word before it; ``voice`` tells it
    from a pause. What is spelt or counted takes longer than its letters.
    """
    slow = sum(char.isdigit() or char.isupper() for char in word.text)
    said_s = _WORD_S + _LETTER_S * len(word.text) + _SPELT_S * slow
    return _seconds(voice, word.start_s + said_s, word.end_s) >= least_s


def _untold(
    voice: npt.NDArray[np.bool_], words: list[Word], least_s: float = _MIN_LOST_S
) -> list[tuple[float, float]]:
    """Where there is a voice for at least ``least_s`` but no word, in seconds."""
    open_ = voice.copy()
    for word in words:
        spans = [(word.start_s, word.end_s)]
        if word.end_s - word.start_s > _LONG_WORD_S:
            half = _LONG_WORD_S / 2
            spans = [(word.start_s, word.start_s + half), (word.end_s - half, word.end_s)]
        for start_s, end_s in spans:
            first = max(0, int((start_s - _NEAR_S) / _FRAME_S))
            open_[first : int((end_s + _NEAR_S) / _FRAME_S) + 1] = False
    frames = np.flatnonzero(open_)
    if not len(frames):
        return []
    runs = np.split(frames, np.flatnonzero(np.diff(frames) * _FRAME_S > _LOST_GAP_S) + 1)
    return [
        (run[0] * _FRAME_S, (run[-1] + 1) * _FRAME_S)
        for run in runs
        if len(run) * _FRAME_S >= least_s
    ]


def _in_order(words: list[Word], piece: Piece) -> tuple[Word, ...]:
    """The words in times of the recording: none before the last, none outside the piece."""
    at_s = piece.start_s
    ordered = []
    for word in words:
        start_s = min(max(word.start_s + piece.start_s, at_s), piece.end_s)
        end_s = min(max(word.end_s + piece.start_s, start_s), piece.end_s)
        # Whisper's numbers are numpy's, and no finer than 20 ms.
        ordered.append(
            Word(
                round(float(start_s), 3),
                round(float(end_s), 3),
                word.text,
                round(float(word.probability), 3),
            )
        )
        at_s = end_s
    return tuple(ordered)


def _later(word: Word, by_s: float) -> Word:
    return replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s)
