import importlib, runpy
print(importlib.import_module("helper").NAME)
print(runpy.run_path("helper.py")["NAME"])
