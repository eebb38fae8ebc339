console.error("first")
const deep = () => { throw new TypeError("thrown", { cause: new Error("cause") }) }
deep()
