import os
names = ["a b", " lead", "trail ", "quo'te", 'dou"ble', "back\\slash", "new\nline", "tab\t", "\U0001f600.txt", "-dash", "--version",
         "*.star", "$HOME", "`x`", "e\u0301", "\u00e9", "~tilde", "#hash", "%41", ".hidden", "...", "a:b", "x" * 200]
for name in names:
    with open(name, "w") as f:
        f.write(name)
os.mkdir("dir with space")
open("dir with space/\u4e2d\u6587", "w").close()
print(sorted(os.listdir("."))[:5])
