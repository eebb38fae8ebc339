import * as MemoryObjectStore from "rgrid/grid/MemoryObjectStore"
import * as ObjectStoreContract from "../../src/testing/ObjectStoreContract.ts"

ObjectStoreContract.suite("memory", { layer: MemoryObjectStore.layer })
