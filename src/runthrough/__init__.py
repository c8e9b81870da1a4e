"""Runthrough: rehearse a research talk alone and be told the truth about it."""

import os

# Libraries that report their use are told not to, before any of them is imported: ONNX Runtime
# begins with its import, and what is said to it later comes too late.
for _name in ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "ORT_DISABLE_TELEMETRY"):
    os.environ[_name] = "1"

__version__ = "0.1.0"
