"""Counts the lines of the files it is given."""
import os
import sys

os.makedirs("out", exist_ok=True)
for path in sys.argv[1:]:
    lines = len(open(path).readlines())
    print(path, lines)
    with open(os.path.join("out", "count.txt"), "a") as out:
        out.write(f"{path}: {lines}\n")
print("done", file=sys.stderr)
