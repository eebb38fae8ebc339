"""Reads numbers, and writes beside its input, where it is told to, and into its working directory."""
import json
import os
import sys

source, target = sys.argv[1], sys.argv[2]
with open(source) as file:
    numbers = [int(number) for number in file.read().split(",")]
with open(target, "w") as file:
    json.dump({"sum": sum(numbers), "age": int(os.stat(source).st_mtime)}, file)
os.chmod(target, 0o600)
os.utime(target, ns=(10**18, 10**18 + 123_456_000))
with open(source, "a") as file:
    file.write(",4")
with open(source + ".idx", "w") as file:
    file.write("index")
os.makedirs("made/deep", exist_ok=True)
with open("made/deep/here.txt", "w") as file:
    file.write("here")
os.chmod("made/deep", 0o750)
print("wrote", os.path.basename(target))
