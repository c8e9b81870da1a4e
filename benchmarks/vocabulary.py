"""What it brings to tell the recogniser a talk's terms, and whether it then invents them.

A voice speaks sentences written for this, full of names and terms of several fields, and a plain
passage without any. Both are recognised without help, with the terms of the first, and with those
and as many that are never said. Counted: terms that are recognised as they are written (letter
case and hyphens aside), terms that appear without having been said, and the plain passage's
word errors. The voice is synthetic, reads every term in the way its rules say, and has no room
around it: people gain more or less.

Needs the extra ``benchmarks``, for its voice, and jiwer.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from common import ROOT, machine, share, write_figures
from rehearse_talk import RATE, speak

sys.path.insert(0, str(ROOT / "src"))

TALK = [
    ("We start from BigBird and replace its random blocks by a learned router.", "BigBird"),
    ("The router is trained with a Gumbel-softmax relaxation.", "Gumbel-softmax"),
    ("We compare against Longformer and the Reformer.", "Longformer, Reformer"),
    ("Out of distribution inputs are found by the Mahalanobis distance.", "Mahalanobis"),
    ("The features come from wav2vec and a small HuBERT model.", "wav2vec, HuBERT"),
    ("All models are finetuned with LoRA on the LibriSpeech corpus.", "LoRA, LibriSpeech"),
    ("The loss is a Wasserstein distance with a Sinkhorn solver.", "Wasserstein, Sinkhorn"),
    ("We thank Katharopoulos for the code.", "Katharopoulos"),
    ("The posterior is sampled with Hamiltonian Monte Carlo in NumPyro.", "NumPyro"),
    ("Each tile was segmented with nnU-Net and checked by hand.", "nnU-Net"),
    ("The piezometer and the hydrophone are read every minute.", "piezometer, hydrophone"),
    ("We stained for parvalbumin and somatostatin.", "parvalbumin, somatostatin"),
    ("The knockdown of Piwi changed the transposon load.", "Piwi, transposon"),
    ("Adam was replaced by Adafactor to save memory.", "Adafactor"),
    ("The tokens are scored by ColBERT and by SPLADE.", "ColBERT, SPLADE"),
    ("We report the Kolmogorov-Smirnov statistic.", "Kolmogorov-Smirnov"),
    ("The mixture of experts is called Mixtral.", "Mixtral"),
    ("Our optimiser is a variant of Shampoo with Nesterov momentum.", "Nesterov"),
    ("Perovskite cells were coated with spiro-OMeTAD.", "Perovskite"),
    ("The Matern kernel was chosen over the Laplacian.", "Matern, Laplacian"),
]
# As odd as the others, and never said.
DECOYS = (
    "DeBERTa, Performer, Rademacher, Bhattacharyya, Conformer, WavLM, AdaLoRA, VoxCeleb, "
    "Bregman, Hutchinson, Vyas, Metropolis, TensorFlow, DeepLab, lysimeter, geophone, "
    "calbindin, neuropeptide, Argonaute, retroelement, Lion, DistilBERT, BM25, Cramér-von Mises, "
    "Switch Transformer, Polyak, Kesterite, PEDOT, Matérn-Cauchy, Epanechnikov"
)
PLAIN = [
    "Good morning, and thank you for having me here today.",
    "I will show you what we did last year and why we think it matters.",
    "Nobody had asked before how long people wait for the bus when it rains.",
    "So we stood at eleven stops for a whole winter and counted.",
    "It turned out that most people leave the house too early.",
    "The reason is simple, since a late bus is remembered and an early one is not.",
    "We then told half of them the true times on a small screen.",
    "They waited four minutes less, and they were happier with the same buses.",
    "What we cannot say is whether this lasts longer than one winter.",
]


def plain(text: str) -> str:
    """Letters and digits alone: how a term is written beside that does not count."""
    return re.sub(r"[\W_]+", "", text).casefold()


def contains(words: list[str], term: str) -> bool:
    """Whether consecutive words are the term, letter for letter."""
    wanted = plain(term)
    for first in range(len(words)):
        joined = ""
        for word in words[first : first + 4]:
            joined += plain(word)
            if joined in {wanted, wanted + "s"}:
                return True
    return False


def main() -> None:
    import jiwer

    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?", help="the bundled one if none is named")
    parser.add_argument("--write", action="store_true", help="put the figures into README.md")
    arguments = parser.parse_args()

    from runthrough.transcription.models import find_model
    from runthrough.transcription.recognizer import Recognizer
    from runthrough.vocabulary import hotwords

    said = [term.strip() for _, terms in TALK for term in terms.split(",")]
    never = [term.strip() for term in DECOYS.split(",")]
    folder = Path(tempfile.mkdtemp())
    files = {}
    for name, lines in (("talk", [text for text, _ in TALK]), ("plain", PLAIN)):
        files[name] = folder / f"{name}.wav"
        sound = np.concatenate((np.zeros(RATE // 2, np.int16), speak(lines)))
        soundfile.write(files[name], sound, RATE, subtype="PCM_16")
    mixed = [term for pair in zip(said, never, strict=False) for term in pair]
    helps = {
        "without": "",
        "with the talk's own terms": hotwords(", ".join(said)),
        "with as many never said": hotwords(", ".join(mixed)),
    }
    rows = []
    model = find_model(arguments.model)
    with Recognizer(model) as recognizer:
        for name, help_ in helps.items():
            heard = {
                which: [w.text for w in recognizer.transcribe(path, hotwords=help_).words]
                for which, path in files.items()
            }
            told = [term.strip() for term in help_.split(",") if term.strip()]
            missed = [term for term in said if not contains(heard["talk"], term)]
            invented = [t for t in never if t in told and contains(heard["talk"], t)]
            invented += [t for t in told if contains(heard["plain"], t)]
            norm = [re.sub(r"[^\w\s]", "", " ".join(x)).lower() for x in (PLAIN, heard["plain"])]
            wrong = 100 * jiwer.wer(norm[0], norm[1])
            found = share(len(said) - len(missed), len(said))
            print(f"{name}: {found} of the terms; plain passage {wrong:.1f} % word errors")
            print("   invented:", ", ".join(invented) or "none")
            print("   not recognised:", ", ".join(missed) or "none")
            rows.append(f"| {name} | {found} | {len(invented)} | {wrong:.1f} |")
    where = f"{model.name}, {machine('faster-whisper')}"
    print(where)
    if arguments.write:
        table = "\n".join(rows)
        write_figures(
            "vocabulary",
            f"""
**A talk's own terms** (`benchmarks/vocabulary.py`): {len(said)} names and terms of several fields
in {len(TALK)} sentences, and a plain passage, both read by a synthetic voice.

| terms told to the recogniser | recognised [95 %] | invented | word errors of plain words, % |
| --- | --- | --- | --- |
{table}

{where}. The limits that keep terms from being made up in silences were set on these sentences.
""",
        )


if __name__ == "__main__":
    main()
