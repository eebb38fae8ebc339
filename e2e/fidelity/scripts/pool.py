import multiprocessing, sys
def square(n):
    return n * n
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, range(20)))
    queue = multiprocessing.Queue()
    child = multiprocessing.Process(target=queue.put, args=("through a queue",))
    child.start()
    print(queue.get())
    child.join()
    print(child.exitcode)
