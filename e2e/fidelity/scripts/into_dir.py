open("out/x.json", "w").write("{}")
import os
print(sorted(os.listdir("out")))
