process.exitCode = Number(process.argv[2])
process.stdout.write("x".repeat(300000))
