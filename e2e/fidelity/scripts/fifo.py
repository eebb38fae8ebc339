import os
os.mkfifo("pipe")
print("made")
os.remove("pipe")
