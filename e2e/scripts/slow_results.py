"""Changes what it was sent, makes something new, and takes a while about it."""
import os
import sys
import time

os.remove(sys.argv[2])
for name in (sys.argv[1], "old.txt", "new.txt"):
    with open(name, "w") as file:
        file.write("of the script")
print("written", flush=True)
time.sleep(4)
