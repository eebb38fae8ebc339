"""Says on stdout how many of argv[1] steps are done, argv[2] seconds each; draws a dot for each on stderr."""
import sys
import time

last = int(sys.argv[1])
for step in range(1, last + 1):
    print(f"step {step}/{last}", flush=True)
    print(".", end="", file=sys.stderr, flush=True)
    time.sleep(float(sys.argv[2]))
print(file=sys.stderr)
