import { providers } from "rgrid/runtimes/providers"
import * as RuntimeProviderContract from "../../src/testing/RuntimeProviderContract.ts"

for (const provider of providers) RuntimeProviderContract.suite(provider, providers)
