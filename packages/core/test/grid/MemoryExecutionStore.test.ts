import * as Duration from "effect/Duration"
import * as TestClock from "effect/testing/TestClock"
import { uploadDeadline } from "rgrid/domain/Timing"
import * as MemoryExecutionStore from "rgrid/grid/MemoryExecutionStore"
import * as ExecutionStoreContract from "../../src/testing/ExecutionStoreContract.ts"

ExecutionStoreContract.suite("memory", {
  layer: MemoryExecutionStore.layer,
  expire: TestClock.adjust(Duration.sum(uploadDeadline, Duration.seconds(1))),
  tick: TestClock.adjust(Duration.millis(7)),
  testClock: true
})
