"""Counts the words of a text: the most frequent on stdout, all of them in files."""

import collections
import csv
import json
import os
import re
import sys

with open(sys.argv[1], encoding="utf-8") as text:
    words = re.findall(r"[a-z']+", text.read().lower())

counts = collections.Counter(words)
# By count, then by name, so that the same text always gives the same order.
ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))

print(f"{len(words)} words, {len(counts)} different")
for word, count in ranked[:10]:
    print(f"{count:5}  {word}")

with open("counts.csv", "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["word", "count"])
    writer.writerows(ranked)

os.makedirs("out", exist_ok=True)
with open("out/summary.json", "w", encoding="utf-8") as file:
    json.dump({"words": len(words), "different": len(counts), "top": dict(ranked[:10])}, file, indent=2)
    file.write("\n")
