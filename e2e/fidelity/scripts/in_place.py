import fileinput, sys
for line in fileinput.input(sys.argv[1], inplace=True):
    print(line.upper(), end="")
