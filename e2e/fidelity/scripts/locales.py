import locale, sys, time
print(sys.stdout.encoding, sys.getfilesystemencoding(), locale.getlocale(), locale.setlocale(locale.LC_ALL, ""))
print("\u20ac \u4e2d \U0001f600")
print(time.strftime("%A %B", time.gmtime(0)), sorted("\u00e4aAzZ"))
