import os, sys
def text(): sys.exit("a text")
def none(): sys.exit(None)
def wraps(): sys.exit(256)
def negative(): sys.exit(-1)
def true(): sys.exit(True)
def float_(): sys.exit(1.5)
def hard(): os._exit(7)
def big(): sys.exit(2**40)
def system(): raise SystemExit(42)
def interrupt(): raise KeyboardInterrupt
def recursion(): recursion()
def oserror(): open("/nowhere/at/all")
def assertion(): assert 1 == 2, "no"
def chained():
    try:
        1 / 0
    except ZeroDivisionError as error:
        raise ValueError("because") from error
def atexit_():
    import atexit
    atexit.register(print, "atexit ran")
    sys.exit(5)
def thread():
    import threading
    threading.Thread(target=lambda: 1 / 0, name="worker").start()
def group(): raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
globals()[sys.argv[1]]()
