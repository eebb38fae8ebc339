import os, pathlib
home = pathlib.Path.home()
print(home.is_dir(), os.path.expanduser("~") == os.environ["HOME"], os.access(home, os.W_OK))
print(os.path.expanduser("~/x"))
