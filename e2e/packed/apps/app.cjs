const { run } = require("rgrid")

run("hello.py", ["require"]).then(({ exitCode, stdout }) => console.log(exitCode, stdout.trim()))
