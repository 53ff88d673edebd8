import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { isRecord } from '../../wire/json.js'

/**
 * Seals text so that only its writer can read or change it: AES-256-GCM (encryption and a MAC in one) under a
 * key derived with HKDF-SHA256. It has to be secret, since it may carry a payment.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5116
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export interface Sealer {
  seal(content: Record<string, unknown>, expiresAtMs: number): string
  /** @returns `undefined` if it was not sealed by this key, or too long ago. */
  open(sealed: string): Record<string, unknown> | undefined
}

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

export function createSealer(secret: string | Uint8Array, now: () => number): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'agentcore-x402 seal', 32))
  return {
    seal(content, expiresAtMs) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, iv)
      const text = JSON.stringify({ ...content, expiresAtMs })
      const parts = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(parts).toString('base64url')
    },
    open(sealed) {
      const text = decrypt(key, Buffer.from(sealed, 'base64url'))
      const content: unknown = text === undefined ? undefined : JSON.parse(text)
      return isRecord(content) && Number(content['expiresAtMs']) > now() ? content : undefined
    },
  }
}

function decrypt(key: Buffer, bytes: Buffer): string | undefined {
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined
  const iv = bytes.subarray(0, IV_BYTES)
  const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()]).toString()
  } catch {
    return undefined // It is forged or edited.
  }
}
