/**
 * A grid in memory, for tests of programs that use `rgrid/effect`.
 *
 * @module
 */
export { memory } from "./sdk/memory/layer.ts"
export type { MemoryAnswer, MemoryJob, MemoryScript } from "./sdk/memory/Script.ts"
