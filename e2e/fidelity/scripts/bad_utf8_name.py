open(b"bad\xff\xfename", "w").write("x")
import os
print(sorted(os.listdir(b".")))
