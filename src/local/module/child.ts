// The entry point of the process that runs a module of the user. It ends when its parent does.
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Unusable } from './load-failure.js'
import { noteFiles } from './loaded-files.js'
import type { CallMessage, ModuleMessage } from './messages.js'
import { readPrices } from '../trial/read-prices.js'
import { toSent } from './sent-error.js'

type Handler = (event: unknown, context: Record<string, unknown>) => unknown

process.once('disconnect', () => process.exit())
// A handler that never returns keeps this thread from hearing that. It keeps no other thread.
new Worker(new URL('./parent-watch.js', import.meta.url), { execArgv: [] }).unref()
// Ctrl+C in a terminal is sent to every process of the command. The parent ends this one.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)

const told = new Set<string>()
const tellAll = noteFiles((loaded) => {
  if (told.has(loaded.file)) return
  told.add(loaded.file)
  send({ kind: 'file', ...loaded })
})

const [, , file = '', isFollowed] = process.argv
let within = <T>(_: number, run: () => T): T => run()
try {
  const { handler, tools } = await load(file)
  if (isFollowed === 'followed') {
    const { followCalls } = await import('./follow-calls.js')
    within = followCalls(send)
  }
  process.on('message', (call: CallMessage) => {
    void within(call.id, () => answer(handler, call))
  })
  tellAll()
  send({ kind: 'loaded', tools: JSON.parse(JSON.stringify(tools ?? null)) })
} catch (error) {
  tellAll()
  send({ kind: 'failed', error: toSent(error) })
}

async function load(file: string): Promise<{ handler: Handler; tools: unknown }> {
  const { handler, tools } = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  if (typeof handler !== 'function') throw new Unusable('it has no export "handler"')
  if (handler.length > 2)
    throw new Unusable('its handler takes a callback. Return a promise instead')
  return { handler: handler as Handler, tools }
}

async function answer(handler: Handler, call: CallMessage): Promise<void> {
  const { id } = call
  try {
    const result = await WANTED[call.wants](handler, call)
    // In a list, `undefined` becomes `null`.
    send({ kind: 'answered', id, json: JSON.stringify([result]).slice(1, -1) })
  } catch (error) {
    send({ kind: 'threw', id, error: toSent(error) })
  }
}

type Answering = (handler: Handler, call: CallMessage) => unknown

const WANTED: Readonly<Record<CallMessage['wants'], Answering>> = {
  answer(handler, { event, context, remainingMs }) {
    const endsAt = Date.now() + remainingMs
    const getRemainingTimeInMillis = (): number => Math.max(0, endsAt - Date.now())
    return handler(JSON.parse(event), { ...context, getRemainingTimeInMillis })
  },
  prices: async (handler) => (await readPrices(handler)) ?? null,
  price: async (handler, { event }) =>
    (await (await readPrices(handler))?.priceOf(JSON.parse(event))) ?? null,
}

function send(message: ModuleMessage): void {
  if (process.connected) process.send?.(message)
}
