import optparse
parser = optparse.OptionParser(usage="%prog [options] file")
parser.add_option("-q", "--quiet", action="store_true")
options, args = parser.parse_args()
if len(args) != 1:
    parser.error("one file is needed")
print(options, args)
