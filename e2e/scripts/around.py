"""What a script can notice of its surroundings, as JSON; the same here and there."""
import getpass
import json
import os
import shutil
import sys
import time

home = os.path.expanduser("~")
with open("written.txt", "w") as out:
    out.write("grüße 😀")
with open(os.path.join(home, ".rgrid-around"), "w") as out:
    out.write("x")
os.remove(os.path.join(home, ".rgrid-around"))

print(json.dumps({
    "argv": sys.argv,
    "file": __file__,
    "cwd": os.getcwd(),
    "zone": time.strftime("%Z %z", time.localtime(1782900000)),
    "encodings": [sys.stdout.encoding, sys.getfilesystemencoding()],
    "text": "grüße 😀",
    "columns": shutil.get_terminal_size().columns,
    "home": home == os.environ["HOME"],
    "user": getpass.getuser() == os.environ["USER"],
}, ensure_ascii=False))
