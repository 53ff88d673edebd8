import { createHash } from 'node:crypto'
import { refused } from './aws-error.js'

/**
 * Keeps answers by client token, so that a request that is sent again is not carried out again.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export class Answers {
  readonly #known = new Map<string, { input: string; answer: Promise<unknown> }>()

  /**
   * Runs once for each key. While it runs, other calls with the key wait for the answer. A failure is not
   * kept.
   *
   * @throws AwsFault ValidationException if the key was used with another input.
   */
  async once(key: string, input: unknown, run: () => Promise<unknown>): Promise<unknown> {
    const digest = createHash('sha256').update(canonical(input)).digest('base64')
    const known = this.#known.get(key)
    if (known === undefined) return this.#run(key, digest, run)
    if (known.input === digest) return known.answer
    throw refused(
      'The clientToken was used before with other parameters',
      'IdempotentParameterMismatchException',
    )
  }

  async #run(key: string, input: string, run: () => Promise<unknown>): Promise<unknown> {
    const answer = run()
    this.#known.set(key, { input, answer })
    try {
      return await answer
    } catch (error) {
      this.#known.delete(key)
      throw error
    }
  }
}

/** Writes JSON in which the members of every object are sorted. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}
