export const profileOfCommand = async (): Promise<string> => ""
export const profileOfFirstLine = async (): Promise<string> => ""
