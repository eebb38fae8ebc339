import sys
with open(sys.argv[1], "a") as f:
    f.write("appended\n")
print(open(sys.argv[1]).read())
