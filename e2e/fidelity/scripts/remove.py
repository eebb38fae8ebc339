import os, sys
os.remove(sys.argv[1])
print(os.path.exists(sys.argv[1]))
