import { expect, test } from '@jest/globals'
import { comparable, visitAll, type Door, type Scene, type Visit } from './doors.js'
import { amounts } from './recorded.js'
import { challengeHeaderOf, challengeOf, receiptOf, responseOf } from './seller.js'

/** The result of a call. */
export interface Told {
  /** Whether the content of the handler or target reached the buyer. */
  content: boolean
  /** The `error` of the challenge. */
  challenge?: string | undefined
  /** The credits that the receipt names, or `refused`. */
  receipt?: string | undefined
  /** The code of a JSON-RPC error. */
  error?: number | undefined
  /** How often the handler or target ran. */
  ran: number
  burned: number
  verify: string[]
  settle: string[]
}

export interface Case extends Scene {
  name: string
  expected: Told
  /** What differs with the interceptor. */
  ofPair?: Partial<Told>
  /** What differs with an interceptor whose response phase knows nothing of the request phase. */
  ofUntold?: Partial<Told>
  /** Whether the answers of the doors differ on purpose. */
  differ?: boolean
}

const nothing = { content: false, ran: 0, burned: 0, verify: [], settle: [] }

/** The call is refused with a challenge. Nothing ran. */
export const challenged = (challenge = 'payment required', verify: string[] = []): Told => ({
  ...nothing,
  challenge,
  verify,
})
/** The call is refused, and no payment is asked for. Nothing ran. */
export const unavailable = (verify: string[] = []): Told => ({ ...nothing, verify })
export const rpcFailed = (error: number): Told => ({ ...nothing, error })
export const sold = (credits = 1, verify = credits): Told => ({
  content: true,
  receipt: String(credits),
  ran: 1,
  burned: credits,
  verify: [String(verify)],
  settle: [String(credits)],
})
/** The handler ran, and the call cost nothing. */
export const given = (verify: number[] = []): Told => ({
  ...nothing,
  content: true,
  ran: 1,
  verify: verify.map(String),
})
/** The handler ran, and the answer was withheld, since it could not be settled. */
export const withheld = (settle: string[] = ['1'], more: Partial<Told> = {}): Told => ({
  ...nothing,
  ran: 1,
  verify: ['1'],
  settle,
  ...more,
})

/** Registers one test for each case. It goes through every door. */
export function testCases(cases: readonly Case[]): void {
  test.each(cases.map((it): [string, Case] => [it.name, it]))('%s', async (_, it) => {
    const visits = await visitAll(it)
    expect(byDoor(visits, toldBy)).toEqual(byDoor(visits, ({ door }) => expectedOf(it, door)))
    for (const { output } of visits) expectWhole(output)
    if (it.differ !== true && it.ofPair === undefined && it.ofUntold === undefined) {
      const [first] = visits.map(({ output }) => comparable(output))
      expect(byDoor(visits, ({ output }) => comparable(output))).toEqual(
        byDoor(visits, () => first),
      )
    }
  })
}

function byDoor<T>(visits: readonly Visit[], of: (visit: Visit) => T): Record<string, T> {
  return Object.fromEntries(visits.map((visit) => [visit.door.name, of(visit)]))
}

export function toldBy({ local, output, ran }: Visit): Told {
  const { error } = responseOf(output).body
  const receipt = receiptOf(output)
  return {
    content: JSON.stringify(output).includes('Hello!'),
    challenge: challengeOf(output)?.error,
    receipt: receipt?.['success'] === false ? 'refused' : (receipt?.['creditsRedeemed'] as string),
    error: error?.code,
    ran: ran.length,
    burned: Number(100n - local.balance()),
    ...amounts(local),
  }
}

function expectedOf({ expected, ofPair, ofUntold }: Case, door: Door): Told {
  const all = {
    challenge: undefined,
    receipt: undefined,
    error: undefined,
    ...expected,
    ...(door.pair && ofPair),
  }
  const { settle, verify } = all
  // A response phase that knows nothing verifies again before anything can be settled.
  const again = settle.length > 0 ? [...verify, ...verify] : verify
  return door.told ? all : { ...all, verify: again, ...ofUntold }
}

/** Expects that an answer says the same in every place. */
function expectWhole(output: Visit['output']): void {
  const { statusCode, headers, body } = responseOf(output)
  expect(Object.keys(output)).toEqual(['interceptorOutputVersion', 'mcp'])
  expect([200, 201, 202, 404, 500]).toContain(statusCode)
  const challenge = challengeOf(output)
  expect(challengeHeaderOf(output)).toEqual(challenge)
  if (challenge !== undefined && body.error !== undefined) {
    expect(body.error).toMatchObject({ code: 402, message: expect.stringContaining('Payment') })
  } else if (challenge !== undefined) {
    expect(body.result).toMatchObject({ isError: true, _meta: { x402: true } })
    const [first, second] = body.result?.content ?? []
    expect(JSON.parse(first?.text ?? '')).toEqual(challenge)
    const [marker, json] = (second?.text ?? '').split(/(?<=^PAYMENT_REQUIRED: )/)
    expect(marker).toBe('PAYMENT_REQUIRED: ')
    expect(JSON.parse(json ?? '')).toEqual({ statusCode: 402, headers: {}, body: challenge })
  }
  const receipt = receiptOf(output)
  if (receipt?.['success'] === true && body.result !== undefined) {
    expect(body.result._meta?.['x402']).toEqual(receipt)
    const { transactionHash, ...settleResponse } = receipt
    expect(transactionHash).toBe(settleResponse['transaction'])
    expect(body.result._meta?.['x402/payment-response']).toEqual(settleResponse)
  }
  const types = Object.keys(headers).filter((name) => name.toLowerCase() === 'content-type')
  expect(types.length).toBeLessThanOrEqual(1)
}
