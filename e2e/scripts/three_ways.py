"""Fails in one of three ways, with words of its own each time."""

import os
import sys

number = int(sys.argv[1])
if "MENDED" not in os.environ:
    if number % 10 == 5:
        open(f"data/{number}/rows.csv")
    if number % 10 == 0:
        raise ValueError(f"row {number * 7} of 'part-{number}.csv': no price")
    if number % 10 == 3 and number <= 363:
        sys.exit(f"order {number:08x} was refused after {number / 7:.2f} s")
print(number)
