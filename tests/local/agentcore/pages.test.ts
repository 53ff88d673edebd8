import { expect, test } from '@jest/globals'
import {
  DeletePaymentInstrumentCommand,
  ListPaymentInstrumentsCommand,
  ListPaymentSessionsCommand,
  paginateListPaymentSessions,
} from '@aws-sdk/client-bedrock-agentcore'
import {
  ListPaymentConnectorsCommand,
  ListPaymentCredentialProvidersCommand,
  ListPaymentManagersCommand,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { connector, manager } from './support/payments-providers.js'
import { buyer, buyerOf, refusal, serve } from './support/payments-service.js'

interface Page {
  items: (string | undefined)[]
  nextToken: string | undefined
}
type List = (page: { maxResults?: number; nextToken?: string }) => Promise<Page>

/** Every page of a listing, by what each has. */
async function pages(list: List, maxResults: number): Promise<Page['items'][]> {
  const found: Page['items'][] = []
  let nextToken: string | undefined
  do {
    const page: Page = await list({ maxResults, ...(nextToken && { nextToken }) })
    found.push(page.items)
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return found
}

/** A listing of five of each kind. */
const LISTINGS: [string, () => Promise<List>][] = [
  [
    'instruments',
    async () => {
      const { data, base, instrument } = await buyer()
      for (let i = 0; i < 5; i += 1) await instrument('SOLANA')
      return async (page) => {
        const answer = await data.send(new ListPaymentInstrumentsCommand({ ...base, ...page }))
        const items = answer.paymentInstruments?.map((one) => one.paymentInstrumentId) ?? []
        return { items, nextToken: answer.nextToken }
      }
    },
  ],
  [
    'sessions',
    async () => {
      const { data, base, session } = await buyer()
      for (let i = 0; i < 5; i += 1) await session()
      return async (page) => {
        const answer = await data.send(new ListPaymentSessionsCommand({ ...base, ...page }))
        const items = answer.paymentSessions?.map((one) => one.paymentSessionId) ?? []
        return { items, nextToken: answer.nextToken }
      }
    },
  ],
  [
    'managers',
    async () => {
      const served = await serve()
      for (const name of ['A', 'B', 'C', 'D', 'E']) await manager(served, name)
      return async (page) => {
        const answer = await served.control.send(new ListPaymentManagersCommand(page))
        const items = answer.paymentManagers?.map(({ name }) => name) ?? []
        return { items, nextToken: answer.nextToken }
      }
    },
  ],
  [
    'connectors',
    async () => {
      const served = await serve()
      const { paymentManagerId } = await manager(served)
      for (const name of ['A', 'B', 'C', 'D', 'E'])
        await connector(served, paymentManagerId, { name })
      return async (page) => {
        const list = new ListPaymentConnectorsCommand({ paymentManagerId, ...page })
        const answer = await served.control.send(list)
        const items = answer.paymentConnectors?.map(({ name }) => name) ?? []
        return { items, nextToken: answer.nextToken }
      }
    },
  ],
  [
    'credential providers',
    async () => {
      const { service, control } = await serve()
      for (let i = 0; i < 5; i += 1) service.addManager()
      return async (page) => {
        const answer = await control.send(new ListPaymentCredentialProvidersCommand(page))
        const items = answer.credentialProviders?.map(({ name }) => name) ?? []
        return { items, nextToken: answer.nextToken }
      }
    },
  ],
]

test.each(LISTINGS)(
  '%s are listed page by page, each once and in order',
  async (_name, prepare) => {
    const list = await prepare()
    const [all = []] = await pages(list, 20)
    expect(new Set(all).size).toBe(5)
    expect(await pages(list, 2)).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)])
    expect(await pages(list, 5)).toEqual([all])
  },
)

test.each(LISTINGS)('%s are not listed by a token that is none', async (_name, prepare) => {
  const list = await prepare()
  const { nextToken = '' } = await list({ maxResults: 2 })
  const forged = [
    'x',
    nextToken.slice(0, -2),
    Buffer.from('3.').toString('base64url'),
    Buffer.from('.').toString('base64url'),
  ]
  for (const token of forged) {
    expect(await refusal(list({ nextToken: token }))).toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'nextToken' }],
    })
  }
  const none = await refusal(list({ maxResults: 0 }))
  expect(none).toMatchObject({
    name: 'ValidationException',
    fieldList: [{ name: 'maxResults', message: 'Member must be greater than or equal to 1' }],
  })
})

test('a token is of no use to another user, or in another listing', async () => {
  const one = await buyer()
  for (let i = 0; i < 3; i += 1) await one.session()
  const { nextToken } = await one.data.send(
    new ListPaymentSessionsCommand({ ...one.base, maxResults: 1 }),
  )
  const { base } = buyerOf(one, one, 'user-2')
  for (const call of [
    one.data.send(new ListPaymentSessionsCommand({ ...base, nextToken })),
    one.data.send(new ListPaymentInstrumentsCommand({ ...one.base, nextToken })),
  ]) {
    expect(await refusal(call)).toMatchObject({ fieldList: [{ name: 'nextToken' }] })
  }
})

test('what is made and deleted between two pages moves nothing else', async () => {
  const { data, base, paymentConnectorId, instrument } = await buyer()
  const ids = []
  for (let i = 0; i < 3; i += 1) ids.push(await instrument('SOLANA'))
  const page = new ListPaymentInstrumentsCommand({ ...base, maxResults: 2 })
  const { nextToken } = await data.send(page)
  for (const paymentInstrumentId of ids.slice(0, 2)) {
    await data.send(
      new DeletePaymentInstrumentCommand({ ...base, paymentConnectorId, paymentInstrumentId }),
    )
  }
  const late = await instrument('SOLANA')
  const rest = await data.send(new ListPaymentInstrumentsCommand({ ...base, nextToken }))
  const found = rest.paymentInstruments?.map((one) => one.paymentInstrumentId)
  expect(found).toEqual([ids[2], late])
})

test('a page has 20 unless it is asked for more, and never more than 100', async () => {
  const { data, base, session } = await buyer()
  await Promise.all(Array.from({ length: 105 }, () => session()))
  const count = async (maxResults?: number) => {
    const page = new ListPaymentSessionsCommand({ ...base, ...(maxResults && { maxResults }) })
    return (await data.send(page)).paymentSessions?.length
  }
  expect([await count(), await count(50), await count(1000)]).toEqual([20, 50, 100])
  const seen = new Set<string | undefined>()
  for await (const page of paginateListPaymentSessions({ client: data, pageSize: 30 }, base)) {
    page.paymentSessions?.forEach((one) => seen.add(one.paymentSessionId))
  }
  expect(seen.size).toBe(105)
})
