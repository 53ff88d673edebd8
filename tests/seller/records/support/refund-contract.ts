import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import {
  RefundError,
  markRefunded,
  type PaymentState,
  type RefundDue,
} from '../../../../src/index.js'
import { NOW_MS } from '../../../support/clock.js'
import { TOOL, eventually, outcomeOf } from '../../../support/outcome.js'
import { hello, receiptOf } from '../../../support/seller.js'
import { refundIn } from '../../money/support/sales.js'
import { failingStore, onceAt } from './failing-store.js'
import { START_MS, recordOf } from './records.js'
import { REFUND_DOORS, REPORT_MS, idIn, refundScene, type MakeShared } from './refund-scene.js'

type Scene = Awaited<ReturnType<typeof refundScene>>

const fine = () => undefined
const throws = () => {
  throw new Error('no mail')
}
const never = () => new Promise<never>(() => undefined)

/** Registers the tests of refunds that hold with every payment store. */
export function testRefunds(name: string, make: MakeShared): void {
  describe(name, () => {
    describe.each(REFUND_DOORS)('%s', (door) => {
      reports(() => refundScene(door, make))
      reportsAgain(() => refundScene(door, make))
      marks(() => refundScene(door, make))
    })
    unnamed(() => refundScene('decorator', make))
    refuses(() => refundScene('decorator', make))
  })
}

type Open = () => Promise<Scene>

/** Expects that a call was charged once, whatever happened to its refund. */
function expectOneCharge({ local }: Scene): void {
  expect(local.ledger.settlements).toHaveLength(1)
}

function reports(open: Open): void {
  test('answer, hook, event and log line name one refund, and the seller hears of it once', async () => {
    const scene = await open()
    const output = await scene.call(fine)
    const id = idIn(output)
    expect(refundIn(output).meta).toMatchObject({ id })
    const said = [...scene.heard, ...scene.refundEvents(), ...scene.refundLines().map(details)]
    expect(said.map((one) => (one as { id?: unknown }).id)).toEqual([id, id, id])
    scene.clock.ms += REPORT_MS
    expect(idIn(await scene.call(fine))).toBe(id)
    expect([scene.heard.length, scene.refundLines().length]).toEqual([1, 1])
    expectOneCharge(scene)
  })

  test('without onRefundDue the log line and the event are enough', async () => {
    const scene = await open()
    const id = idIn(await scene.call())
    scene.clock.ms += REPORT_MS
    expect(idIn(await scene.call())).toBe(id)
    expect([scene.refundEvents().length, scene.refundLines().length]).toEqual([1, 1])
  })
}

const details = (line: { details?: unknown }): unknown => line.details

function reportsAgain(open: Open): void {
  test('an onRefundDue that threw is called again with the same id when the payment comes back, until it does not', async () => {
    const scene = await open()
    const id = idIn(await scene.call(throws))
    expect(scene.lines).toContainEqual(expect.objectContaining({ message: 'onRefundDue threw' }))
    expect(idIn(await scene.call(throws))).toBe(id)
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(scene.heard.map((refund) => refund.id)).toEqual([id, id, id])
    expectOneCharge(scene)
  })

  test('an onRefundDue that never ended is called again with the same id', async () => {
    const scene = await open()
    scene.context.afterWorkMs = 300
    const id = idIn(await scene.call(never))
    scene.context.leftMs = 30_000
    scene.clock.ms += REPORT_MS
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(scene.heard.map((refund) => refund.id)).toEqual([id, id])
  })

  test('a call that died before it could report: the same payment is told at once, and the seller after 30 s', async () => {
    const scene = await open()
    const dying = failingStore(scene.storeOf(), onceAt('refund_due', 'dead'))
    void scene.container(fine, dying)(scene.event)
    const key = () => scene.local.ledger.settlements.length
    await eventually(
      async () => key() === 1 && refundIn(await scene.call(fine)).header !== undefined,
    )
    const id = idIn(await scene.call(fine))
    scene.clock.ms += REPORT_MS - 1
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(scene.heard).toEqual([])
    scene.clock.ms += 1
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(scene.heard.map((refund) => refund.id)).toEqual([id])
    expectOneCharge(scene)
  })

  test('a call that died after the hook, and before it could say so, is told again with the same id', async () => {
    const scene = await open()
    const reported = failingStore(scene.storeOf(), ({ next }) =>
      next?.isRefundReported === true ? 'dead before' : undefined,
    )
    void scene.container(fine, reported)(scene.event)
    await eventually(() => scene.heard.length === 1)
    scene.clock.ms += REPORT_MS
    const id = idIn(await scene.call(fine))
    await scene.call(fine)
    expect(scene.heard.map((refund) => refund.id)).toEqual([id, id])
  })

  test('of containers that get the payment at once one reports, and each answers alike', async () => {
    const scene = await open()
    await scene.call(throws)
    const slow = () => sleep(30)
    const outputs = await Promise.all([1, 2, 3, 4].map(() => scene.call(slow)))
    const [, ...later] = scene.heard
    expect(later).toHaveLength(1)
    expect(new Set([...scene.heard.map((refund) => refund.id), ...outputs.map(idIn)]).size).toBe(1)
  })

  test('a refund that could not be written has the id that it has when it can be', async () => {
    const scene = await open()
    const down = failingStore(scene.storeOf(), onceAt('refund_due', 'down'))
    const id = idIn(await scene.container(fine, down)(scene.event))
    expect(scene.heard.map((refund) => refund.id)).toEqual([id])
    scene.clock.ms += 1_000_000
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(scene.heard.map((refund) => refund.id)).toEqual([id, id])
    expectOneCharge(scene)
  })

  test('a store that fails when the refund is reported again keeps no answer from the buyer', async () => {
    const scene = await open()
    const id = idIn(await scene.call(throws))
    const down = failingStore(scene.storeOf(), ({ method }) =>
      method === 'replace' ? 'down' : undefined,
    )
    expect(idIn(await scene.container(fine, down)(scene.event))).toBe(id)
    expect(scene.heard).toHaveLength(1)
    expect(idIn(await scene.call(fine))).toBe(id)
    expect(scene.heard).toHaveLength(2)
  })
}

function marks(open: Open): void {
  test('a refund is marked once, and says so when it is marked again', async () => {
    const scene = await open()
    const id = idIn(await scene.call(fine))
    const now = () => scene.clock.ms
    const first = await markRefunded(scene.storeOf(), id, { now })
    expect(first).toEqual({ refund: scene.heard[0], wasRefunded: false })
    const again = await markRefunded(scene.storeOf(), id, { now })
    expect(again).toEqual({ refund: scene.heard[0], wasRefunded: true })
    const [key = ''] = id.split('.')
    const record = await scene.store.read(key, NOW_MS)
    expect(record).toMatchObject({ state: 'refunded', isRefundReported: true, leaseUntil: 0 })
  })

  test('of several that mark one refund at once, one does it', async () => {
    const scene = await open()
    const id = idIn(await scene.call(fine))
    const said = await Promise.all([1, 2, 3, 4].map(() => markRefunded(scene.storeOf(), id)))
    expect(said.filter(({ wasRefunded }) => !wasRefunded)).toHaveLength(1)
  })

  test('a buyer who comes back to a refunded payment gets receipt and refund, and nobody hears of it again', async () => {
    const scene = await open()
    const first = await scene.call(throws)
    const now = () => scene.clock.ms
    await markRefunded(scene.storeOf(), idIn(first), { now })
    scene.clock.ms += 3_600_000
    const again = await scene.call(fine)
    expect([receiptOf(again), refundIn(again)]).toEqual([receiptOf(first), refundIn(first)])
    expect([scene.heard.length, scene.refundLines().length]).toEqual([1, 1])
    expectOneCharge(scene)
  })

  test('the hook may mark its own refund', async () => {
    const scene = await open()
    const output = await scene.call(({ id }) => markRefunded(scene.storeOf(), id))
    expect(await markRefunded(scene.storeOf(), idIn(output))).toMatchObject({ wasRefunded: true })
    const failures = scene.lines.filter(({ message }) => /threw|written/.test(message))
    expect([scene.heard.length, failures]).toEqual([1, []])
  })

  test('a refund is marked while the payment comes back, whoever writes first', async () => {
    const scene = await open()
    const id = idIn(await scene.call(throws))
    const [marked, ...outputs] = await Promise.all([
      markRefunded(scene.storeOf(), id),
      ...[1, 2, 3].map(() => scene.call(fine)),
    ])
    expect(marked.wasRefunded).toBe(false)
    expect(outputs.map(idIn)).toEqual([id, id, id])
    expect(await markRefunded(scene.storeOf(), id)).toMatchObject({ wasRefunded: true })
    expect(new Set(scene.heard.map((refund) => refund.id))).toEqual(new Set([id]))
  })
}

function unnamed(open: Open): void {
  test('the refund of a reusable token, which has no record, can be marked too', async () => {
    const scene = await open()
    const output = await scene.container(fine)(scene.local.paidEvent(TOOL))
    const [refund] = scene.heard
    expect(refund?.id).toBe(idIn(output))
    const marked = await markRefunded(scene.storeOf(), idIn(output))
    expect(marked).toEqual({ refund, wasRefunded: false })
    const other = await scene.container(fine)(scene.local.paidEvent(TOOL))
    expect(idIn(other)).not.toBe(idIn(output))
    expect(scene.heard).toHaveLength(2)
  })

  test('a frozen call whose payment another one has taken over and delivered owes nothing', async () => {
    const scene = await open()
    let isFrozen = true
    let runs = 0
    const work = async () => {
      if (++runs > 1) return hello(...([] as unknown as Parameters<typeof hello>))
      await eventually(() => !isFrozen)
      throw new Error('broken')
    }
    const call = () => scene.container(fine, scene.storeOf(), work)(scene.event)
    const first = call()
    await eventually(() => runs === 1)
    scene.clock.ms += 60_000
    expect(outcomeOf(await call())).toBe('settled')
    isFrozen = false
    const output = await first
    expect([outcomeOf(output), scene.heard]).toEqual(['in work', []])
    expect(outcomeOf(await call())).toBe('settled')
    expectOneCharge(scene)
  })
}

/**
 * Registers the tests of ids that name no refund that is due. They check what the error says, and which state
 * it names.
 */
function refuses(open: Open): void {
  test.each(['', 'x', '.', 'no such key.abc', '.abc', 7, null, undefined, {}])(
    'an id that the store does not know is refused: %j',
    async (id) => {
      const scene = await open()
      await scene.call(fine)
      const marking = markRefunded(scene.storeOf(), id as string)
      await expect(marking).rejects.toThrow(RefundError)
      await expect(marking).rejects.toMatchObject({ code: 'refund_unknown', state: undefined })
    },
  )

  test('the id of another refund of the same record is refused, and nothing is written', async () => {
    const scene = await open()
    const id = idIn(await scene.call(fine))
    const other = `${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`
    await expect(markRefunded(scene.storeOf(), other)).rejects.toMatchObject({
      code: 'refund_unknown',
    })
    expect(await markRefunded(scene.storeOf(), id)).toMatchObject({ wasRefunded: false })
  })

  test('a payment that is delivered after all is not refunded', async () => {
    const scene = await open()
    const down = failingStore(scene.storeOf(), onceAt('refund_due', 'down'))
    const id = idIn(await scene.container(fine, down)(scene.event))
    scene.clock.ms += 1_000_000
    const works = scene.container(fine, scene.storeOf(), hello)
    expect(outcomeOf(await works(scene.event))).toBe('settled')
    const marking = markRefunded(scene.storeOf(), id)
    await expect(marking).rejects.toThrow(RefundError)
    await expect(marking).rejects.toMatchObject({ code: 'refund_not_due', state: 'settled' })
    expect(outcomeOf(await works(scene.event))).toBe('settled')
  })

  test.each<PaymentState>([
    ...(['unverified', 'claimed', 'settling', 'settled', 'refused'] as const),
    ...(['pending', 'unknown', 'dead'] as const),
  ])('a payment that is %s is not marked, and stays as it is', async (state) => {
    const { store } = await open()
    const refund: RefundDue = { id: 'a.b', reason: 'handler_failed', correlationId: 'c' }
    const record = recordOf('a', { state, refund })
    expect(await store.add(record, START_MS)).toBeUndefined()
    await expect(markRefunded(store, 'a.b')).rejects.toMatchObject({
      ...{ name: 'RefundError', code: 'refund_not_due', state },
    })
    expect(await store.read('a', START_MS)).toEqual(record)
  })

  test('a store that fails says so, and the refund can be marked later', async () => {
    const scene = await open()
    const id = idIn(await scene.call(fine))
    for (const method of ['read', 'replace'] as const) {
      const down = failingStore(scene.storeOf(), (asked) =>
        asked.method === method ? 'down' : undefined,
      )
      await expect(markRefunded(down, id)).rejects.toMatchObject({ code: 'store_unavailable' })
    }
    expect(await markRefunded(scene.storeOf(), id)).toMatchObject({ wasRefunded: false })
  })
}
