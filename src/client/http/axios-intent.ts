import type { InternalAxiosRequestConfig } from 'axios'
import { headerIn } from '../buying/payer.js'
import { intentOf } from './intent.js'

/** Names what a call of axios is for. Its body is the result of the transforms. */
export async function axiosIntent(
  { data, headers }: InternalAxiosRequestConfig,
  { method, url }: { method: string; url: string },
): Promise<string> {
  const contentType = headerIn(headers, 'content-type')
  return intentOf({ method, url, contentType, body: await bytesOf(data) })
}

async function bytesOf(data: unknown): Promise<Uint8Array | undefined> {
  if (data === undefined || data === null) return undefined
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (data instanceof Blob) return new Uint8Array(await data.arrayBuffer())
  if (data instanceof FormData) return bytesOfForm(data)
  // The caller's own transforms may return other values.
  const isText = typeof data === 'string' || data instanceof URLSearchParams
  return Buffer.from(isText ? data.toString() : JSON.stringify(data))
}

/** The bytes of a form without its boundary, which differs each time. */
async function bytesOfForm(form: FormData): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (const [name, value] of form as unknown as Iterable<[string, string | File]>) {
    const isFile = typeof value !== 'string'
    parts.push(Buffer.from(JSON.stringify([name, isFile ? [value.name, value.type] : value])))
    if (isFile) parts.push(new Uint8Array(await value.arrayBuffer()))
  }
  return Buffer.concat(parts)
}
