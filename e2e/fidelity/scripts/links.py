import os
open("target.txt", "w").write("t")
os.symlink("target.txt", "relative")
os.symlink("nowhere", "dangling")
os.mkdir("d")
os.symlink("d", "to_dir")
os.link("target.txt", "hard")
print(os.readlink("relative"), os.path.realpath("relative") == os.path.abspath("target.txt"))
