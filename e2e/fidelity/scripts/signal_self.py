import os, signal, sys
sys.stdout.write("before\n")
sys.stdout.flush()
os.kill(os.getpid(), getattr(signal, sys.argv[1]))
