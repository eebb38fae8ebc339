"""Works for argv[2] seconds, then writes what it was told to <argv[1]>.txt."""
import os
import sys
import time

name, seconds = sys.argv[1], float(sys.argv[2])
print(f"begin {name}", flush=True)
time.sleep(seconds)
with open(f"{name}.txt", "w") as out:
    out.write(f"result {name}\n")
print(f"end {name}", flush=True)
