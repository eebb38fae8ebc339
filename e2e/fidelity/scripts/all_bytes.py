import sys
sys.stdout.buffer.write(bytes(range(256)) * 3 + b"\0\0\r\n\x1b[31m\xff\xfe")
sys.stderr.buffer.write(b"\0err\xff" + bytes(reversed(range(256))))
