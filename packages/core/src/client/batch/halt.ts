/** GNU parallel's `--halt` as people type it: `soon,fail=5%`, `now,success=1`. */
import type { Halt } from "../../domain/Batch.ts"

const form = /^(soon|now),(fail|success|done)=(\d+)(%?)$/

/** Null for what is none. */
export const parseHalt = (text: string): Halt | null => {
  const match = form.exec(text.trim())
  if (match === null) return null
  const [, when, on, digits, percent] = match
  const amount = Number(digits)
  if (!Number.isSafeInteger(amount) || amount < 1 || (percent === "%" && amount > 100)) return null
  return {
    when: when as Halt["when"],
    on: on as Halt["on"],
    amount,
    unit: percent === "%" ? "percent" : "items"
  }
}
