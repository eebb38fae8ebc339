import os, pwd
pwd.getpwuid(os.getuid())
print("has a name")
