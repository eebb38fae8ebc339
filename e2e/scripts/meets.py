"""Writes the file argv[1] and ends once the file argv[2] is there: two of them end only side by side."""
import os
import sys
import time

open(sys.argv[1], "w").close()
print("here", flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.05)
