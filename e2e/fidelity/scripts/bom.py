print("with a mark")
print("and crlf")
