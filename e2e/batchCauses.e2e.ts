/** Many failures, told by their few causes, and one of these mended. */
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { scripts, TestGrid } from "./harness.ts"

const grid = new TestGrid()
beforeAll(() => grid.up("process"))
afterAll(() => grid.down())

it("500 items of which 137 fail in three ways have three causes, and one cause's items run alone", async () => {
  const cwd = grid.workplace(join(scripts, "three_ways.py"))
  const ran = await grid.run(["run", "three_ways.py", "--batch", "{1..500}"], { cwd })
  expect(ran.stderr).toContain("363 succeeded, 137 failed")
  const id = /batch_\w{26}/.exec(ran.stderr)![0]
  const { causes } = await grid.json(["why", id])
  expect(causes.map(({ count, number, why }: any) => [number, count, why])).toEqual([
    [1, 50, "FileNotFoundError: [Errno 2] No such file or directory: 'data/5/rows.csv'"],
    [2, 50, "ValueError: row 70 of 'part-10.csv': no price"],
    [3, 37, "order 00000003 was refused after 0.43 s"]
  ])
  const again = await grid.run(["retry", "--batch", id, "--cause", "2", "--env", "MENDED=1"], { cwd })
  expect(again.code, again.stderr).toBe(0)
  expect(again.stderr).toContain("50 succeeded")
  const [retried] = await grid.json(["list", "--batches", "--limit", "1"])
  expect(retried).toMatchObject({ retryOf: id, total: 50 })
  const items = await grid.json(["list", "--batch", retried.id, "--limit", "100"])
  expect(items.map(({ batch }: any) => Number(batch.label)).toSorted((a: number, b: number) => a - b))
    .toEqual(Array.from({ length: 50 }, (_, index) => (index + 1) * 10))
}, 480_000)
