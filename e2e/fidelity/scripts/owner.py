import os, sys
for path in sys.argv[1:]:
    print(path, os.stat(path).st_uid == os.getuid(), os.access(path, os.W_OK), os.access(path, os.X_OK))
