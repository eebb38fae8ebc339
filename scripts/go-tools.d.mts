export const goTool: (name: "act" | "actionlint") => string | null
