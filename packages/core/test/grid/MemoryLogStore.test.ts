import * as MemoryLogStore from "rgrid/grid/MemoryLogStore"
import * as LogStoreContract from "../../src/testing/LogStoreContract.ts"

LogStoreContract.suite("memory", { layer: MemoryLogStore.layer })
