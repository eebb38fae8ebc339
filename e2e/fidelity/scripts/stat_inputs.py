import os, sys
for path in sys.argv[1:]:
    status = os.stat(path)
    print(path, oct(status.st_mode), status.st_size, int(status.st_mtime))
