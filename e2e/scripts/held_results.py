"""Changes what it was sent, makes something new, and ends when its stdin does."""
import os
import sys

os.remove(sys.argv[2])
for name in (sys.argv[1], "old.txt", "new.txt"):
    with open(name, "w") as file:
        file.write("of the script")
print("written", flush=True)
sys.stdin.read()
