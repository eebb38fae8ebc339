"""Prints argv[1] lines, argv[2] seconds apart."""
import sys
import time

for number in range(int(sys.argv[1])):
    print(f"line {number}", flush=True)
    time.sleep(float(sys.argv[2]))
