import sys
print(len(sys.argv))
for arg in sys.argv[:50]:
    print(ascii(arg))
