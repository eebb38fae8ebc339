"""Prints what an earlier run left that it can see and which slot this is, then leaves as much itself as it can."""
import ctypes
import json
import os
import subprocess
import sys

me = sys.argv[1]
seen = [name for name in os.listdir("/tmp") + os.listdir("/dev/shm") + os.listdir(".") if name.startswith("left-")]
seen += [pid for pid in os.listdir("/proc") if pid.isdigit() and b"sleep\0987" in open(f"/proc/{pid}/cmdline", "rb").read()]
libc = ctypes.CDLL(None)
if libc.shmget(4711, 64, 0) >= 0:
    seen.append("shared memory")
begun = open("/proc/1/stat").read().split(")")[1].split()[19]
print(json.dumps({"seen": seen, "slot": f"{begun} {os.stat('/').st_dev}"}))
for place in ("/tmp", "/dev/shm", "."):
    with open(os.path.join(place, f"left-{me}"), "w") as file:
        file.write(me)
libc.shmget(4711, 64, 0o1600)
subprocess.Popen(["sh", "-c", "trap '' TERM HUP; (setsid sleep 987 &)"], stdout=subprocess.DEVNULL)
