const { shout } = require("./common_helper.cjs")
console.log(shout("required"), require("./data.json").answer, __filename, require.main === module)
