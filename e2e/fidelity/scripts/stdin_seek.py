import sys
sys.stdin.buffer.read(3)
sys.stdin.buffer.seek(0)
print(sys.stdin.buffer.read())
