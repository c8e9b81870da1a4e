import ctypes
import sys

# WORKAROUND: PySide6 6.12.0 takes None, True and False for immortal, which they are only from
# Python 3.12 on (PEP 683). On 3.11 every call of a Qt function without a result uses up one
# reference to None, and after some thousand of them, within the first minute of a talk, the
# interpreter aborts. References enough for years cost nothing and hurt no other version.
if sys.version_info < (3, 12):
    for _singleton in (None, True, False, NotImplemented, ...):
        ctypes.c_ssize_t.from_address(id(_singleton)).value += 1 << 40
