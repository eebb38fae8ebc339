for n in range(200000):
    print("line", n)
