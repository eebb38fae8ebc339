import argparse
parser = argparse.ArgumentParser(prog=None)
parser.add_argument("input", type=int)
parser.add_argument("--mode", choices=["a", "b"], required=True)
print(parser.parse_args())
