// Runs in the thread of Node's module hooks, and tells the main thread what is loaded.
// https://nodejs.org/api/module.html#hooks
import type { MessagePort } from 'node:worker_threads'
import { stampOf } from './file-stamp.js'
import { userFileIn } from './user-files.js'

let port: MessagePort | undefined

export function initialize(data: { port: MessagePort }): void {
  port = data.port
}

export function load(
  url: string,
  context: unknown,
  next: (url: string, context: unknown) => unknown,
): unknown {
  const file = userFileIn(url)
  if (file !== undefined) port?.postMessage({ file, stamp: stampOf(file) })
  return next(url, context)
}
