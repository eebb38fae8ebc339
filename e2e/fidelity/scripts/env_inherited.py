import os
for name in ["HOME", "USER", "SHELL", "TERM", "LANG", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "HOSTNAME"]:
    print(name, os.environ.get(name))
