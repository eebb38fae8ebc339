import os, signal
signal.signal(signal.SIGUSR1, lambda n, f: print("got", n))
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, []))
signal.signal(signal.SIGALRM, lambda n, f: print("alarm"))
signal.alarm(1)
signal.pause()
