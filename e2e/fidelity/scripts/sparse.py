with open("sparse.bin", "wb") as f:
    f.seek(10_000_000)
    f.write(b"end")
