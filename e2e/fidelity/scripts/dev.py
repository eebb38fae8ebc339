open("/dev/null", "w").write("x")
print(len(open("/dev/urandom", "rb").read(8)))
open("/dev/stdout", "w").write("through /dev/stdout\n")
open("/dev/stderr", "w").write("through /dev/stderr\n")
