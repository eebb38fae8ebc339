import os, tempfile
print(tempfile.gettempdir())
with tempfile.NamedTemporaryFile("w+", suffix=".txt") as f:
    f.write("x" * 1000)
with tempfile.TemporaryDirectory(dir=".") as d:
    open(os.path.join(d, "x"), "w").close()
    print(os.listdir(d))
print(os.listdir("."))
