import os
os.makedirs("empty/nested/deep")
open("zero", "w").close()
