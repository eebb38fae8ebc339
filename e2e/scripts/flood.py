"""Prints argv[1] MB in all, half on each stream, every line different, and the digest of each into a file."""
import hashlib
import sys

total = int(sys.argv[1]) * 1000 * 1000
digests = {"stdout": hashlib.sha256(), "stderr": hashlib.sha256()}
streams = {"stdout": sys.stdout.buffer, "stderr": sys.stderr.buffer}
written = 0
number = 0
while written < total:
    for name, stream in streams.items():
        block = b"".join(b"%s %08d %s\n" % (name.encode(), number + i, b"x" * 80) for i in range(500))
        digests[name].update(block)
        stream.write(block)
        written += len(block)
    number += 500
for stream in streams.values():
    stream.flush()
with open("digests.txt", "w") as out:
    for name, digest in digests.items():
        out.write(f"{name} {digest.hexdigest()}\n")
