import subprocess, sys
inner = "import subprocess,sys; subprocess.run(['sh','-c','echo leaf; exit 3']); print('inner'); sys.exit(4)"
done = subprocess.run([sys.executable, "-c", inner], capture_output=True, text=True)
print(repr(done.stdout), done.returncode)
