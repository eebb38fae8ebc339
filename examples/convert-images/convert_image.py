"""Converts an image to JPEG: photo.png becomes photo.jpg beside it."""

import argparse
import pathlib
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("image", type=pathlib.Path)
parser.add_argument("--quality", type=int, default=2, metavar="N", help="from 2, the best, to 31 (default: 2)")
options = parser.parse_args()

if not options.image.is_file():
    sys.exit(f"{options.image}: no such file")

result = options.image.with_suffix(".jpg")
command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", str(options.image)]
command += ["-frames:v", "1", "-q:v", str(options.quality), str(result)]

try:
    subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)
except FileNotFoundError:
    sys.exit("ffmpeg is not installed")
except subprocess.CalledProcessError as error:
    result.unlink(missing_ok=True)
    words = error.stderr.strip() or f"ffmpeg ended with {error.returncode}"
    sys.exit(f"{options.image}: {words}")

print(f"{options.image} -> {result} ({result.stat().st_size} bytes)")
