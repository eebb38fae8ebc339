import manifest from "../package.json" with { type: "json" }

/** This program's version, as its package says it. */
export const { version } = manifest
