import { assert, describe, it } from "@effect/vitest"
import type { BatchResult } from "rgrid"
import { ResultQueue } from "../../src/sdk/ResultQueue.ts"

const result = (item: string) => ({ item }) as BatchResult
const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  const none = Symbol("none")
  return await Promise.race([promise, Promise.resolve(none)]) === none
}

describe("results on their way to a loop", () => {
  it("come in order, before the end", async () => {
    const queue = new ResultQueue()
    const asked = queue.next()
    void queue.push(result("a"))
    void queue.push(result("b"))
    queue.done()
    assert.strictEqual((await asked).value?.item, "a")
    assert.strictEqual((await queue.next()).value?.item, "b")
    assert.isTrue((await queue.next()).done)
    assert.isTrue((await queue.next()).done)
  })

  it("come before what went wrong, which is told once", async () => {
    const queue = new ResultQueue()
    void queue.push(result("a"))
    queue.fail(new Error("away"))
    assert.strictEqual((await queue.next()).value?.item, "a")
    assert.strictEqual(await queue.next().catch((error: Error) => error.message), "away")
    assert.isTrue((await queue.next()).done)
  })

  it("wait for room when nobody reads, and no longer than until one is read", async () => {
    const queue = new ResultQueue()
    for (let i = 0; i < 999; i++) assert.isFalse(await isPending(queue.push(result(String(i)))))
    const full = queue.push(result("last"))
    assert.isTrue(await isPending(full))
    await queue.next()
    await full
    const again = queue.push(result("one more"))
    assert.isTrue(await isPending(again))
    queue.hurry()
    await again
  })

  it("go to whoever asked first, each once", async () => {
    const queue = new ResultQueue()
    const asked = [queue.next(), queue.next(), queue.next(), queue.next()]
    void queue.push(result("a"))
    void queue.push(result("b"))
    queue.fail(new Error("away"))
    const told = await Promise.all(asked.map((one) =>
      one.then(({ done, value }) => done === true ? "over" : value?.item, ({ message }: Error) => message)
    ))
    assert.deepStrictEqual(told, ["a", "b", "away", "over"])
  })

  it("are dropped for nobody who reads them, and what went wrong is told at once", async () => {
    const queue = new ResultQueue()
    const full = Array.from({ length: 1000 }, (_, i) => queue.push(result(String(i)))).at(-1)!
    assert.isTrue(await isPending(full))
    queue.drop()
    queue.fail(new Error("left"))
    await full
    assert.strictEqual(await queue.next().catch((error: Error) => error.message), "left")
    assert.isTrue((await queue.next()).done)
  })
})
