import * as Duration from "effect/Duration"
import * as TestClock from "effect/testing/TestClock"
import { uploadDeadline } from "rgrid/domain/Timing"
import * as MemoryStores from "rgrid/grid/MemoryStores"
import * as BatchStoreContract from "../../src/testing/BatchStoreContract.ts"
import * as ExecutionStoreContract from "../../src/testing/ExecutionStoreContract.ts"

ExecutionStoreContract.suite("memory", {
  layer: MemoryStores.layer,
  expire: TestClock.adjust(Duration.sum(uploadDeadline, Duration.seconds(1))),
  tick: TestClock.adjust(Duration.millis(7)),
  testClock: true
})

BatchStoreContract.suite("memory", {
  layer: MemoryStores.layer,
  expire: TestClock.adjust(Duration.sum(uploadDeadline, Duration.seconds(1))),
  pass: (millis) => TestClock.adjust(millis),
  testClock: true
})
