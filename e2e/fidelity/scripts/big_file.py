chunk = bytes(range(256)) * 4096
with open("big.bin", "wb") as f:
    for _ in range(100):
        f.write(chunk)
print(f.name)
