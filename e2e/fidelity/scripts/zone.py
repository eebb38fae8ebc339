import datetime, time
print(time.tzname, time.timezone, datetime.datetime.fromtimestamp(0).isoformat(), time.strftime("%c %Z", time.localtime(1e9)))
