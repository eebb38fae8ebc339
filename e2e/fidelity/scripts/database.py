import sqlite3
with sqlite3.connect("data.db") as db:
    db.execute("create table t(a integer, b text)")
    db.executemany("insert into t values(?, ?)", [(n, f"row {n}") for n in range(100)])
print(db.execute("select count(*), sum(a) from t").fetchone())
db.close()
