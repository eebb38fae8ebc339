import os, sys
for path in sys.argv[1:]:
    print(path, os.path.islink(path), open(path).read())
