import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { OptionsError, PaymentUnavailableError } from '../errors/payment-error.js'

/** Something encrypted, and which secret it was encrypted with. */
export interface Sealed {
  readonly keyId: string
  readonly bytes: Uint8Array
}

/** Encrypts and authenticates. `about` is the place of the data. The data can be read in no other place. */
export interface Sealer {
  seal(data: Uint8Array, about: string): Sealed
  /** @throws PaymentUnavailableError if no secret fits, or the data was changed. */
  open(sealed: Sealed, about: string): Buffer
}

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const MIN_SECRET_CHARS = 32

/**
 * Encrypts with AES-256-GCM. The first secret encrypts, and all decrypt. To change a secret, put the new one first.
 * Drop the old one when nothing is left that it encrypted.
 *
 * @throws OptionsError for a secret that is too short, or none.
 */
export function createSealer(secret: unknown): Sealer {
  const secrets = checkSecrets(secret)
  const byId = new Map(secrets.map((one) => [keyIdOf(one), one]))
  const [first = ''] = secrets
  const firstId = keyIdOf(first)
  return {
    seal(data, about) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv(ALGORITHM, keyOf(first, about), iv)
      cipher.setAAD(Buffer.from(about))
      const parts = [iv, cipher.update(data), cipher.final(), cipher.getAuthTag()]
      return { keyId: firstId, bytes: Buffer.concat(parts) }
    },
    open({ keyId, bytes }, about) {
      const found = byId.get(keyId)
      if (found === undefined) throw unreadable(`it was encrypted with another secret (${keyId})`)
      try {
        const decipher = createDecipheriv(
          ALGORITHM,
          keyOf(found, about),
          bytes.subarray(0, IV_BYTES),
          { authTagLength: TAG_BYTES },
        )
        decipher.setAAD(Buffer.from(about))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        const text = bytes.subarray(IV_BYTES, -TAG_BYTES)
        return Buffer.concat([decipher.update(text), decipher.final()])
      } catch {
        throw unreadable('it was changed, or belongs to another record')
      }
    },
  }
}

function checkSecrets(secret: unknown): readonly string[] {
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret]
  if (secrets.length > 0 && secrets.every(isLongEnough)) return [...secrets]
  throw new OptionsError(
    'secret',
    `expected a text of at least ${MIN_SECRET_CHARS} characters, or a list of such texts`,
  )
}

function isLongEnough(secret: unknown): secret is string {
  return typeof secret === 'string' && secret.length >= MIN_SECRET_CHARS
}

/** Derives a key for each item, because AES-GCM limits how often one key may be used. */
function keyOf(secret: string, about: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, about, 'agentcore-x402 payment store', 32))
}

/** Names a secret without telling anything of it. */
function keyIdOf(secret: string): string {
  const bytes = hkdfSync('sha256', secret, '', 'agentcore-x402 payment store: key id', 6)
  return Buffer.from(bytes).toString('base64url')
}

function unreadable(why: string): PaymentUnavailableError {
  const what = `what the table holds of a payment cannot be decrypted: ${why}`
  return new PaymentUnavailableError('store_unavailable', what)
}
