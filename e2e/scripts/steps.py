"""Says on stdout how many of argv[1] steps are done, and draws a dot for each on stderr. The last waits for GATE, on a new line."""
import os
import sys
import time

last = int(sys.argv[1])
gate = os.environ.get("GATE")
for step in range(1, last + 1):
    if step == last and gate is not None:
        print(file=sys.stderr, flush=True)
    while step == last and gate is not None and not os.path.exists(gate):
        time.sleep(0.05)
    print(f"step {step}/{last}", flush=True)
    print(".", end="", file=sys.stderr, flush=True)
print(file=sys.stderr)
