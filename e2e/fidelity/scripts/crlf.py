with open("crlf.txt", "w", newline="\r\n") as f:
    f.write("a\nb\n")
print("a\r\nb\rc\x0c\x0b")
