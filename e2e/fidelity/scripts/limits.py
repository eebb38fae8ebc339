import os
print(os.cpu_count() >= 1, len(os.sched_getaffinity(0)) == os.cpu_count())
names = [os.open("/dev/null", os.O_RDONLY) for _ in range(900)]
print(len(names))
import mmap, multiprocessing.shared_memory
m = multiprocessing.shared_memory.SharedMemory(create=True, size=80_000_000)
m.buf[79_999_999] = 1
m.close(); m.unlink()
print("shared memory")
