import os
print(oct(os.umask(0o077)))
open("private", "w").close()
os.umask(0o022)
open("public", "w").close()
os.mkdir("dir")
os.chmod("public", 0o640)
open("tool.sh", "w").write("#!/bin/sh\n")
os.chmod("tool.sh", 0o755)
