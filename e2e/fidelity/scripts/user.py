import getpass, os, pwd
print(os.getuid(), os.geteuid(), os.getgid())
print(pwd.getpwuid(os.getuid()).pw_name, getpass.getuser())
