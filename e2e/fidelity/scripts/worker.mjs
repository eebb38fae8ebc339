import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: 20 })
  worker.on("message", (message) => console.log("worker says", message))
  worker.on("exit", (code) => console.log("exit", code))
} else parentPort.postMessage(workerData * 2)
