import sys
for n in range(2000):
    print("out", n)
    print("err", n, file=sys.stderr)
