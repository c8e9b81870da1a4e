"""Everything that can go wrong, told in words for the person it happens to.

::

    RunthroughError              expected; str(error) is one plain sentence or two: what is
    │                            wrong, and what to do next
    ├── InputError               the input or the usage is at fault            (exit code 2)
    │   ├── AudioInputError      a recording that cannot be read
    │   ├── TranscriptError      a transcript that cannot be read
    │   ├── FormatError          a talk format that is unknown or broken
    │   ├── SlidesError          a PDF that can't be read
    │   └── LibraryError         a library that cannot be used, or a talk or take not in it
    ├── MissingError             something on this computer is missing          (exit code 3)
    │   ├── AudioDeviceError     no PortAudio, no microphone, or it went away
    │   └── ModelError           no speech model, or its files are damaged
    ├── RecognitionError         the recognition process died; the recording is safe, retry
    └── Cancelled                the user said stop; nothing half-made is left

Anything else that is raised is a defect of ours (exit code 1).
"""

from __future__ import annotations


class RunthroughError(Exception):
    """Expected trouble. The message is a plain sentence with the next step."""

    exit_code = 1


class InputError(RunthroughError):
    """The input or the usage is at fault."""

    exit_code = 2


class AudioInputError(InputError):
    """A recording that cannot be read."""


class TranscriptError(InputError):
    """A transcript that cannot be read."""


class FormatError(InputError):
    """A talk format that is unknown or broken."""


class SlidesError(InputError):
    """A PDF that can't be read."""


class LibraryError(InputError):
    """A library that cannot be used, or a talk or take that is not in it."""


class MissingError(RunthroughError):
    """Something on this computer is missing."""

    exit_code = 3


class AudioDeviceError(MissingError):
    """No PortAudio, no microphone, or it went away."""


class ModelError(MissingError):
    """No speech model, or its files are damaged."""


class RecognitionError(RunthroughError):
    """The recognition process died. The recording is safe and can be transcribed again."""


class Cancelled(RunthroughError):  # noqa: N818 - the user's wish, not an error
    """The user said stop."""
