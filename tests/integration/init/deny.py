# SPDX-License-Identifier: MIT
"""deny.py NUMBER[:FIRST-ARGUMENT],... PROGRAM...: runs the program with these system calls refused (ENOSYS), by seccomp."""
import ctypes
import os
import struct
import sys

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 38
code = []
for each in sys.argv[1].split(","):
    number, _, argument = each.partition(":")
    code += [(LOAD, 0, 0, 0), (EQUAL, 0, 3 if argument else 1, int(number))]
    if argument:
        code += [(LOAD, 0, 0, 16), (EQUAL, 0, 1, int(argument))]
    code.append((RETURN, 0, 0, REFUSE))
code.append((RETURN, 0, 0, ALLOW))
data = b"".join(struct.pack("<HBBI", *step) for step in code)
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(data)
program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(code), ctypes.addressof(buffer)))
if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, program, 0, 0) != 0:
    sys.exit(f"cannot refuse system calls: errno {ctypes.get_errno()}")
os.execvp(sys.argv[2], sys.argv[2:])
