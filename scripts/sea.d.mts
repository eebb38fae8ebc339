export const buildExecutable: (file: string) => void
