import os
for name in ["PWD", "HOME", "USER", "SHELL", "TERM", "LANG", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "HOSTNAME"]:
    print(name, os.environ.get(name))
