import os, stat, sys
print(sys.stdin is None)
try:
    mode = os.fstat(0).st_mode
    print(stat.S_ISCHR(mode), stat.S_ISFIFO(mode), stat.S_ISREG(mode))
except OSError as error:
    print(error)
