import { PassThrough, pipeline, type Readable } from 'node:stream'
import { isRecord } from '../../wire/json.js'
import { MAX_BODY_BYTES } from './body-text.js'

/**
 * The text of a body before axios transforms it. A body may also be bytes, or a stream, which is not read.
 */
export function textOf(data: unknown): string | undefined {
  const bytes = data instanceof ArrayBuffer ? Buffer.from(data) : data
  if (typeof bytes !== 'string' && !Buffer.isBuffer(bytes)) return undefined
  return bytes.length > MAX_BODY_BYTES ? undefined : bytes.toString()
}

/** Whether it can be read only once: a stream of Node or of the web. */
export function isStream(value: unknown): boolean {
  return isNodeStream(value) || value instanceof ReadableStream
}

/**
 * The bytes of a form as `axios.postForm` makes it on Node. Such a form is an object of the package
 * `form-data`, a stream that can be read once. `undefined` for anything else, and if a part of the form is a
 * stream itself.
 */
export function formIn(data: unknown): { bytes: Buffer; headers: object } | undefined {
  if (!isForm(data) || !data.hasKnownLength()) return undefined
  try {
    const bytes = data.getBuffer()
    return bytes.length === data.getLengthSync() ? { bytes, headers: data.getHeaders() } : undefined
  } catch {
    return undefined // It is a stream whose length the caller gave.
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

/** Frees the connection of a stream that nobody reads. */
export async function discardStream(data: unknown): Promise<void> {
  if (isNodeStream(data)) data.destroy()
  if (data instanceof ReadableStream) await data.cancel().catch(() => undefined)
}

/**
 * A copy of a stream of Node, since the original holds the request that it answers. Its errors get the
 * properties of `clean`: axios puts request and config into them.
 *
 * @param broke is called if the stream breaks off
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
