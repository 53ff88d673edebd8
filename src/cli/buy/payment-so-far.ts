import { isRecord } from '../../wire/json.js'
import { PAYMENT_IDENTIFIER, decodeHeader } from '../../wire/x402.js'
import { EXIT } from '../ended.js'
import type { Work } from '../interruptible.js'

const NOTHING_PAID = 'Nothing was paid.'

/** How far the payment of a command has come. The command says so if something ends it early. */
export class PaymentSoFar {
  readonly #work: Work
  #stage: 'none' | 'asked' | 'sent' | 'known' = 'none'
  #ids: readonly string[] = []

  constructor(work: Work) {
    this.#work = work
    work.soFar = () => this.words
  }

  /** What a person can look for: ids of the payment. They are no secrets. */
  get ids(): readonly string[] {
    return this.#ids
  }

  get isAsked(): boolean {
    return this.#stage === 'asked'
  }

  get isSent(): boolean {
    return this.#stage === 'sent' || this.#stage === 'known'
  }

  /** Notes that AgentCore payments is asked to pay. Its session pays when it signs, whatever comes next. */
  asks(): void {
    this.#go('asked')
  }

  /** Notes that a payment is sent to the seller. @param payment an object of x402, or its text in a header */
  sends(payment: unknown): void {
    this.#go('sent')
    this.#ids = idsIn(payment)
  }

  /** Notes that the call was answered, and that its receipt was shown. */
  knows(): void {
    this.#stage = 'known'
    this.#work.pipeCode = EXIT.done
  }

  /** What is known, in whole sentences. */
  get words(): string {
    const ids = this.#ids.length === 0 ? '' : ` (${this.#ids.join(', ')})`
    return {
      none: NOTHING_PAID,
      asked:
        'AgentCore payments was asked to pay, and the session may have been charged. Nothing was sent to the seller: ' +
        'look at the session before you pay again.',
      sent: `A payment was sent${ids}, and its outcome is unknown: do not pay again before you know it.`,
      known: 'The call was paid, and its receipt is shown above.',
    }[this.#stage]
  }

  #go(stage: 'asked' | 'sent'): void {
    this.#stage = stage
    this.#work.exitCode = EXIT.perhapsPaid
    this.#work.pipeCode = EXIT.perhapsPaid
  }
}

/** The id that the buyer gave the payment, and the nonce under which a chain knows it. */
function idsIn(payment: unknown): string[] {
  const payload = typeof payment === 'string' ? decodeHeader(payment) : payment
  const id = memberOf(payload, 'extensions', PAYMENT_IDENTIFIER, 'info', 'id')
  const nonce = memberOf(payload, 'payload', 'authorization', 'nonce')
  const ids = [
    ['payment id', id],
    ['nonce', nonce],
  ] as const
  return ids.flatMap(([name, value]) =>
    typeof value === 'string' && /^[\w-]{1,128}$/.test(value) ? [`${name} ${value}`] : [],
  )
}

function memberOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((found, name) => (isRecord(found) ? found[name] : undefined), value)
}
