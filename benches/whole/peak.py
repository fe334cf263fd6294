"""Runs a command and writes its peak memory in MB to a file: FILE COMMAND ...

A process begins with the peak of the one that started it, so the driver, which holds a good deal, must not start what it measures.
Run this with `python -I -S`, which needs about 5 MB: peaks below that cannot be told.
"""

import os
import sys

child = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
per_mb = 1024 if sys.platform == "linux" else 1024 * 1024
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss / per_mb))
sys.exit(os.waitstatus_to_exitcode(status))
