"""Says on stdout how many of argv[1] steps are done, and draws a dot for each on stderr. The last waits for GATE."""
import os
import sys
import time

last = int(sys.argv[1])
for step in range(1, last + 1):
    while step == last and "GATE" in os.environ and not os.path.exists(os.environ["GATE"]):
        time.sleep(0.05)
    print(f"step {step}/{last}", flush=True)
    print(".", end="", file=sys.stderr, flush=True)
print(file=sys.stderr)
