import gzip, io, tarfile, zipfile
with zipfile.ZipFile("a.zip", "w") as z:
    z.writestr(zipfile.ZipInfo("in/a.txt"), "zipped")
with tarfile.open("a.tar", "w") as t:
    info = tarfile.TarInfo("in/b.txt")
    info.size = 6
    t.addfile(info, io.BytesIO(b"tarred"))
with open("a.gz", "wb") as f, gzip.GzipFile("", "wb", fileobj=f, mtime=0) as g:
    g.write(b"gzipped" * 1000)
print(zipfile.ZipFile("a.zip").namelist(), tarfile.open("a.tar").getnames())
