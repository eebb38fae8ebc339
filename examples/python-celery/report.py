"""Adds up the numbers of a file and writes the sum beside it."""
import sys

path = sys.argv[1]
numbers = [int(line) for line in open(path)]
print(f"{len(numbers)} numbers")
with open("report.txt", "w") as report:
    report.write(f"{path}: {sum(numbers)}\n")
