import os, sys
os.rename(sys.argv[1], sys.argv[2])
print(os.listdir("."))
