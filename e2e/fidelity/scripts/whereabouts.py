import os, sys
print(os.getcwd(), sys.argv[0], __file__, sys.path[0], os.path.dirname(os.path.abspath(__file__)), __name__, __spec__)
print(os.path.exists(".."), os.listdir(".."))
