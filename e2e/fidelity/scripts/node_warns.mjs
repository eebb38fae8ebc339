process.emitWarning("careful", "CustomWarning", "C001")
console.table([{ a: 1, b: 2 }])
console.dir({ deep: { deep: { deep: { deep: 1 } } } })
