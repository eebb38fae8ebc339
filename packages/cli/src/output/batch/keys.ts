/** What a key means, which depends on what is on the screen. Pure. */
import * as Option from "effect/Option"
import type { UserInput } from "effect/Terminal"

export type Mode =
  | { readonly _tag: "Items" }
  | { readonly _tag: "Asking" }
  | { readonly _tag: "Choosing"; readonly typed: string }
  | { readonly _tag: "Log"; readonly id: string }

export type Wish =
  | { readonly _tag: "Show"; readonly mode: Mode }
  /** A number or an id was typed. */
  | { readonly _tag: "Choose"; readonly typed: string }
  | { readonly _tag: "Retry" }
  | { readonly _tag: "Cancel" }
  | { readonly _tag: "Detach" }
  /** Keys that a terminal makes signals of, while nobody reads its keys one by one. */
  | { readonly _tag: "Interrupt" }
  | { readonly _tag: "Suspend" }

export const items: Mode = { _tag: "Items" }
const show = (mode: Mode): Wish => ({ _tag: "Show", mode })

const ofItems = (name: string): Wish | null => {
  switch (name) {
    case "l":
      return show({ _tag: "Choosing", typed: "" })
    case "r":
      return { _tag: "Retry" }
    case "c":
      return show({ _tag: "Asking" })
    case "q":
      return { _tag: "Detach" }
    default:
      return null
  }
}

const ofAsking = (name: string): Wish => name === "y" ? { _tag: "Cancel" } : show(items)

const isEnd = (name: string): boolean => name === "return" || name === "enter"

/** As long as an id, and some. */
const longest = 40

/** No id begins with a `b` or a `q` (it begins with a time): there these are keys, behind it they are letters. */
const ofChoosing = (typed: string, name: string, input: string): Wish | null => {
  if (name === "escape" || (typed === "" && name === "b")) return show(items)
  if (typed === "" && name === "q") return { _tag: "Detach" }
  if (name === "backspace") return show({ _tag: "Choosing", typed: typed.slice(0, -1) })
  if (isEnd(name)) return typed === "" ? show(items) : { _tag: "Choose", typed }
  if (!/^\w$/.test(input) || typed.length >= longest) return null
  return show({ _tag: "Choosing", typed: typed + input })
}

const ofLog = (name: string): Wish | null => {
  if (name === "b" || name === "escape") return show(items)
  if (name === "l") return show({ _tag: "Choosing", typed: "" })
  return name === "q" ? { _tag: "Detach" } : null
}

/** Null: the key means nothing here. */
export const wishOf = (mode: Mode, { input, key }: UserInput): Wish | null => {
  if (key.ctrl && key.name === "c") return { _tag: "Interrupt" }
  if (key.ctrl && key.name === "z") return { _tag: "Suspend" }
  if (key.ctrl && key.name === "d") return { _tag: "Detach" }
  // Escape itself comes with Meta, which a terminal sends as an Escape before the key.
  if (key.ctrl || (key.meta && key.name !== "escape")) return null
  switch (mode._tag) {
    case "Items":
      return ofItems(key.name)
    case "Asking":
      return ofAsking(key.name)
    case "Choosing":
      return ofChoosing(mode.typed, key.name, Option.getOrElse(input, () => ""))
    case "Log":
      return ofLog(key.name)
  }
}
