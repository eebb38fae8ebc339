"""Does what its input says: `fail`, `raise` or anything else, after what it waits for is there."""
import os
import sys
import time

source = sys.argv[1]
what = open(source).read().strip()
while "GATE" in os.environ and what == "wait" and not os.path.exists(os.environ["GATE"]):
    time.sleep(0.05)
os.makedirs("made", exist_ok=True)
with open(f"made/{what}.txt", "w") as file:
    file.write(f"{source} as {os.environ.get('MODE', 'usual')}")
print(what)
if what == "fail" and os.environ.get("MODE") != "mild":
    sys.exit(4)
if what == "raise":
    raise ValueError(f"row {len(source)} of {source}")
