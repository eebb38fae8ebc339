import subprocess
child = subprocess.Popen(["sh", "-c", "sleep 1; echo late > late.txt"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
child.wait()
print("child waited for")
