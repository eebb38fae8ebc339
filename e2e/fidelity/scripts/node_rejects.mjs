process.on("exit", (code) => console.log("exiting with", code))
Promise.reject(new Error("nobody listens"))
