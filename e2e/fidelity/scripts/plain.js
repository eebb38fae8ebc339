const fs = require("fs")
fs.writeFileSync("out.txt", "from plain js")
console.log(typeof require, process.argv.length, process.cwd())
