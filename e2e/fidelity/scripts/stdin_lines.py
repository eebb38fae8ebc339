import sys
for number, line in enumerate(sys.stdin):
    print(number, repr(line))
print(repr(input() if False else sys.stdin.read()))
