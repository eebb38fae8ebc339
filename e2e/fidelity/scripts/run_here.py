import os, subprocess
open("made.sh", "w").write("#!/bin/sh\necho executed $0\n")
os.chmod("made.sh", 0o755)
print(subprocess.run(["./made.sh"], capture_output=True, text=True).stdout)
