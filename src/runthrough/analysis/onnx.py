"""The trained encoders that ship, as onnxruntime runs them."""

from __future__ import annotations

from typing import Any

from runthrough.resources import resource


def load(name: str) -> tuple[Any, Any]:
    """The encoder in ``resources/models`` that is called so, and its tokenizer."""
    import onnxruntime
    from tokenizers import Tokenizer

    folder = resource("models", name)
    onnxruntime.disable_telemetry_events()  # tracing by Windows itself
    options = onnxruntime.SessionOptions()
    # The recogniser and the window want the other cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
    )
    return session, Tokenizer.from_file(str(folder / "tokenizer.json"))
