import { createHash } from 'node:crypto'
import { refused } from './aws-error.js'

/**
 * Remembers answers by client token, so that a request which is sent again is not done again.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export class Answers {
  readonly #known = new Map<string, { input: string; answer: Promise<unknown> }>()

  /**
   * Runs what was not run under this key; while it runs, others of the same key wait for it. What failed
   * is forgotten.
   *
   * @throws AwsFault ValidationException where the key was used with another input.
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

/** JSON with the members of every object in one order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}
