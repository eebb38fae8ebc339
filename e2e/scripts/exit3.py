import sys

print("about to fail")
print("on stderr", file=sys.stderr)
sys.exit(3)
