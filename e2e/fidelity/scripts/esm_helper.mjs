export const value = await Promise.resolve("awaited at the top")
