import { PassThrough, pipeline, type Readable } from 'node:stream'
import { isRecord } from '../../wire/json.js'
import { MAX_BODY_BYTES } from './body-text.js'

/** Before axios transforms it: text, bytes, or a stream, which is left alone. */
export function textOf(data: unknown): string | undefined {
  const bytes = data instanceof ArrayBuffer ? Buffer.from(data) : data
  if (typeof bytes !== 'string' && !Buffer.isBuffer(bytes)) return undefined
  return bytes.length > MAX_BODY_BYTES ? undefined : bytes.toString()
}

/** True of what can be read once only: streams of Node and of the web. */
export function isStream(value: unknown): boolean {
  return isNodeStream(value) || value instanceof ReadableStream
}

/**
 * The bytes of a form as `axios.postForm` makes it on Node: an object of the package `form-data`, which is a stream and
 * can be read once only. `undefined` for all else, and where a part of the form is a stream itself.
 */
export function formIn(data: unknown): { bytes: Buffer; headers: object } | undefined {
  if (!isForm(data) || !data.hasKnownLength()) return undefined
  try {
    const bytes = data.getBuffer()
    return bytes.length === data.getLengthSync() ? { bytes, headers: data.getHeaders() } : undefined
  } catch {
    return undefined // a stream whose length its caller knows
  }
}

/** @see https://github.com/form-data/form-data#methods */
interface Form {
  getBuffer: () => Buffer
  getHeaders: () => object
  getLengthSync: () => number
  hasKnownLength: () => boolean
}

function isForm(data: unknown): data is Form {
  const methods = ['getBuffer', 'getHeaders', 'getLengthSync', 'hasKnownLength']
  return (
    isNodeStream(data) && methods.every((name) => typeof Reflect.get(data, name) === 'function')
  )
}

/** Gives the connection of a stream that nobody reads free. */
export async function discardStream(data: unknown): Promise<void> {
  if (isNodeStream(data)) data.destroy()
  if (data instanceof ReadableStream) await data.cancel().catch(() => undefined)
}

/**
 * A stream of Node as another one: its own holds the request that it answers. Its errors get the
 * properties of `clean`, since axios puts request and config into them.
 *
 * @param broke is called where it breaks off
 */
export function detached(data: unknown, clean: object, broke?: () => void): unknown {
  if (!isNodeStream(data)) return data
  data.prependListener('error', (error) => {
    broke?.()
    Object.assign(error, clean)
  })
  return pipeline(data, new PassThrough(), () => undefined)
}

function isNodeStream(value: unknown): value is Readable {
  return isRecord(value) && typeof value['pipe'] === 'function'
}
