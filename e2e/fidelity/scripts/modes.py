open("plain.txt", "w").write("x")
import os
os.makedirs("a/b")
open("a/b/inner.txt", "w").write("y")
