import { expect, test } from '@jest/globals'
import { answerTo, answersTo, get, merchant, reasonsOf, shopper } from './support/agent.js'

const AUTO = { paymentSessionId: undefined, autoSession: true }

test('the first payment that needs a session makes one, with its budget, and later ones are in it', async () => {
  const { agentThat, plugin, calls, buyer } = await shopper({
    ...AUTO,
    autoSessionBudget: '0.05',
    autoSessionExpiryMinutes: 15,
  })
  const shop = await merchant()
  const { agent } = agentThat([{ tools: [get(shop.url, 'a')] }, { tools: [get(shop.url, 'b')] }])
  expect(plugin.config.paymentSessionId).toBeUndefined()
  await agent.invoke('buy two')
  const [, created, ...more] = calls('CreatePaymentSession')
  expect(more).toEqual([])
  expect(created?.body).toMatchObject({
    limits: { maxSpendAmount: { value: '0.05', currency: 'USD' } },
    expiryTimeInMinutes: 15,
  })
  const sessions = buyer.service.sessions()
  const made = sessions.find((one) => one.id === plugin.config.paymentSessionId)
  expect(made).toMatchObject({ spent: '0.02' })
})

test('payments at the same time, of two agents, make one session', async () => {
  const { agentThat, calls } = await shopper(AUTO)
  const shop = await merchant()
  const turn = { tools: ['a', 'b', 'c'].map((id) => get(shop.url, id)) }
  const agents = [1, 2].map(() => agentThat([turn]).agent)
  await Promise.all(agents.map((agent) => agent.invoke('buy three')))
  for (const agent of agents) expect(answerTo(agent, 'c').text).toContain('"goods":42')
  expect(calls('CreatePaymentSession')).toHaveLength(2) // one is that of the test itself
})

test('a session whose making failed is made by the next attempt, as the same one', async () => {
  const { agentThat, buyer, calls } = await shopper(AUTO)
  const shop = await merchant()
  const operation = 'CreatePaymentSession'
  buyer.service.faults.set({ operation, kind: 'lost-answer', times: 3 })
  const { agent } = agentThat([{ tools: [get(shop.url)] }])
  const first = await agent.invoke('buy it')
  expect(reasonsOf(first)).toMatchObject([{ toolUseId: 'call-1' }])
  expect(buyer.service.sessions()).toHaveLength(2)
  await agent.invoke(answersTo(first))
  expect(answerTo(agent).text).toContain('"goods":42')
  expect(buyer.service.sessions()).toHaveLength(2)
  const [, ...ours] = calls(operation).map(
    ({ body }) => (body as { clientToken: string }).clientToken,
  )
  expect(new Set(ours).size).toBe(1)
})

test.each([
  ['that was given', { autoSession: true }],
  ['without an instrument to pay with', { ...AUTO, paymentInstrumentId: undefined }],
])('no session is made for one %s', async (_, options) => {
  const { agentThat, calls } = await shopper(options)
  const shop = await merchant()
  await agentThat([{ tools: [get(shop.url)] }]).agent.invoke('buy it')
  expect(calls('CreatePaymentSession')).toHaveLength(1) // that of the test itself
})
