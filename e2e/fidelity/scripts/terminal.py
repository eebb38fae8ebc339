import os, shutil, sys
print(shutil.get_terminal_size(), [stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)])
try:
    os.ctermid()
    open("/dev/tty")
except OSError as error:
    print(error)
