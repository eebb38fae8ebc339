export const steps: Readonly<Record<"install" | "build", { readonly from: ReadonlyArray<string> }>>
