import { expect, test } from '@jest/globals'
import { bothPhases, intercept, result, SHOWN } from '../phases/support/phases.js'
import { amounts } from '../../support/recorded.js'
import { responseOf, sell, stack, toolCall, eventOf } from '../../support/seller.js'

/** A result of MCP 2026-07-28: the tool asks its caller for something before it works. */
const ASKING = {
  resultType: 'input_required',
  inputRequests: { sure: { method: 'elicitation/create', params: { message: 'Sure?' } } },
}
const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }

test.each([false, true])(
  'a handler that asks first is not paid yet (chargeOnError %p)',
  async (chargeOnError) => {
    const local = await stack()
    const handler = sell(local, () => ASKING, { chargeOnError })
    const output = await handler(local.paidEvent('T___ask'))
    expect(responseOf(output).body.result).toEqual(ASKING)
    expect(amounts(local)).toEqual({ verify: ['1'], settle: [] })
  },
)

test.each(SHOWN)('a target that asks first is not paid yet (%s request)', async (shown) => {
  const local = await stack()
  const { output } = await bothPhases(
    intercept(local),
    local.paidEvent('T___ask'),
    result(ASKING),
    { shown },
  )
  expect(responseOf(output).body.result).toEqual(ASKING)
  expect(amounts(local).settle).toEqual([])
})

test.each([
  ['2026-07-28', 'complete'],
  ['2027-01-01', 'complete'],
  ['2025-11-25', undefined],
])('results name their type to clients of revision %s', async (revision, resultType) => {
  const local = await stack()
  const meta = { ..._meta, 'io.modelcontextprotocol/protocolVersion': revision }
  const output = await sell(local)(eventOf(toolCall('T___hello', {}, { _meta: meta })))
  expect(responseOf(output).body.result).toMatchObject({ isError: true })
  expect(responseOf(output).body.result?.['resultType']).toBe(resultType)
})

test('a result that names its type keeps it', async () => {
  const local = await stack()
  const handler = sell(local, () => ({ ...ASKING, resultType: 'other' }))
  const token = { 'payment-signature': local.accessToken() }
  const output = await handler(eventOf(toolCall('T___hello', {}, { _meta }), token))
  expect(responseOf(output).body.result).toMatchObject({ resultType: 'other' })
})

test('a result that has what was sold is sold, whatever type it names', async () => {
  const local = await stack()
  const given = { ...ASKING, content: [{ type: 'text', text: 'gold' }] }
  await bothPhases(intercept(local), local.paidEvent('T___ask'), result(given))
  expect(local.balance()).toBe(99n)
})
