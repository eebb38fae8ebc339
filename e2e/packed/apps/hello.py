import sys

print("hello", *sys.argv[1:])
open("made.txt", "w").write("made")
