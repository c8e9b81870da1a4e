"""What the frozen program on Linux does before its own code.

The libraries in the folder are for this program, which has found them by now. A voice, the file
manager and others of the system's programs that it starts must find the system's own.
"""

import os

_before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if _before is None:
    os.environ.pop("LD_LIBRARY_PATH", None)
else:
    os.environ["LD_LIBRARY_PATH"] = _before
# Its own children, such as the recognition, look for the folder's libraries anew.
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
