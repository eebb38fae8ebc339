import * as MemoryIdentity from "rgrid/grid/MemoryIdentity"
import * as IdentityContract from "../../src/testing/IdentityContract.ts"

IdentityContract.suite("memory", { layer: MemoryIdentity.layer, testClock: true })
