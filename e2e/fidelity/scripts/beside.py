import pathlib
print((pathlib.Path(__file__).parent / "data" / "words.txt").read_text())
