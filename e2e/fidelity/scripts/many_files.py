import os
for d in range(30):
    os.makedirs(f"many/{d:02}")
    for n in range(100):
        with open(f"many/{d:02}/{n:03}.txt", "w") as f:
            f.write(f"{d} {n}\n")
print(sum(len(files) for _, _, files in os.walk("many")))
