"""Tells what a script can tell about where it runs."""
import json
import os
import sys

print(json.dumps({
    "argv": sys.argv,
    "cwd": os.getcwd(),
    "file": __file__,
    "env": os.environ.get("GREETING"),
    "stdin": sys.stdin.read(),
}))
os.makedirs("out/deep", exist_ok=True)
with open("out/deep/ünïcode name.txt", "w") as out:
    out.write("content")
open("empty", "w").close()
os.makedirs("nothing-in-it")
os.symlink("/etc/passwd", "link")
os.chmod("out/deep/ünïcode name.txt", 0o755)
