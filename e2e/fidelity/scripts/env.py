import os
print(os.environ.get("ANSWER"), repr(os.environ.get("WITH_SPACE")))
