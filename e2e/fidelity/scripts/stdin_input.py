name = input("name? ")
print("hello", name)
print("again", input())
