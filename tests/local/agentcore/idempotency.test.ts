import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import {
  CreatePaymentInstrumentCommand,
  CreatePaymentSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore'
import {
  CreatePaymentManagerCommand,
  DeletePaymentManagerCommand,
  GetPaymentManagerCommand,
  ListPaymentManagersCommand,
  UpdatePaymentManagerCommand,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { Answers } from '../../../src/local/agentcore/world/idempotency.js'
import { connector, manager } from './support/payments-providers.js'
import { ROLE, buyer, buyerOf, clock, exact, refusal, serve } from './support/payments-service.js'

const MISMATCH = {
  name: 'ValidationException',
  reason: 'IdempotentParameterMismatchException',
  $metadata: { httpStatusCode: 400 },
}

test('a payment sent again is the same payment, spent once', async () => {
  const { pay, instrument, session, service } = await buyer()
  const [wallet, limited] = [await instrument(), await session('1.00')]
  const clientToken = randomUUID()
  const { $metadata: first, ...payment } = await pay(wallet, limited, { clientToken })
  const { $metadata: again, ...repeated } = await pay(wallet, limited, { clientToken })
  expect(repeated).toEqual(payment)
  expect(again.requestId).not.toBe(first.requestId)
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
  const other = pay(wallet, limited, { clientToken, ...exact({ amount: '10001' }) })
  expect(await refusal(other)).toMatchObject(MISMATCH)
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
})

test('what is asked for again while it is done is waited for', async () => {
  const answers = new Answers()
  let runs = 0
  let finish: (answer: unknown) => void = () => undefined
  const run = () => {
    runs += 1
    return new Promise((resolve) => (finish = resolve))
  }
  const both = Promise.all([answers.once('key', {}, run), answers.once('key', {}, run)])
  finish('done')
  await expect(both).resolves.toEqual(['done', 'done'])
  expect(runs).toBe(1)
})

test('the same payment sent 20 times at once is one, with one proof', async () => {
  const { pay, instrument, session, service } = await buyer()
  const [wallet, limited] = [await instrument(), await session('0.01')]
  const clientToken = randomUUID()
  const calls = Array.from({ length: 20 }, () => pay(wallet, limited, { clientToken }))
  const proofs = (await Promise.all(calls)).map((one) => JSON.stringify(one.paymentOutput))
  expect(new Set(proofs).size).toBe(1)
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
})

test('members in another order, and another agent, are the same input', async () => {
  const { pay, instrument, session, service } = await buyer()
  const [wallet, limited] = [await instrument(), await session('1.00')]
  const clientToken = randomUUID()
  const { amount, ...accept } = { amount: '10000', scheme: 'exact' }
  await pay(wallet, limited, { clientToken, ...exact({ ...accept, amount }) })
  const turned = Object.fromEntries(
    Object.entries(exact().paymentInput?.cryptoX402?.payload as object).reverse(),
  )
  const paymentInput = { cryptoX402: { payload: turned, version: '2' } }
  await pay(wallet, limited, { clientToken, paymentInput, agentName: 'another' })
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
})

test('what was refused was not done, and the token is free', async () => {
  const time = clock()
  const { pay, instrument, session, service } = await buyer({ now: time.now })
  const [wallet, limited] = [await instrument(), await session('1.00')]
  const clientToken = randomUUID()
  await expect(pay(wallet, limited, { clientToken, ...exact({ scheme: 'upto' }) })).rejects.toThrow(
    'exact only',
  )
  await pay(wallet, limited, { clientToken })
  expect(service.sessions()).toMatchObject([{ spent: '0.01' }])
})

test('a payment is answered again when its session is over', async () => {
  const time = clock()
  const { pay, instrument, session } = await buyer({ now: time.now })
  const [wallet, limited] = [await instrument(), await session('1.00', 15)]
  const clientToken = randomUUID()
  const first = await pay(wallet, limited, { clientToken })
  time.pass(16 * 60_000)
  await expect(pay(wallet, limited)).rejects.toThrow('has expired')
  const again = await pay(wallet, limited, { clientToken })
  expect(again.paymentOutput).toEqual(first.paymentOutput)
})

test('a token means something to one user, manager and operation only', async () => {
  const one = await buyer()
  const clientToken = randomUUID()
  const create = (base: typeof one.base) =>
    one.data.send(
      new CreatePaymentSessionCommand({ ...base, clientToken, expiryTimeInMinutes: 15 }),
    )
  await create(one.base)
  await create(one.base)
  expect(one.service.sessions()).toHaveLength(1)
  await create(buyerOf(one, one, 'user-2').base)
  await create(buyerOf(one, one.service.addManager()).base)
  expect(one.service.sessions()).toHaveLength(3)
  const [wallet, limited] = [await one.instrument(), await one.session()]
  await one.pay(wallet, limited, { clientToken })
})

test('sessions and instruments are made once', async () => {
  const { data, base, paymentConnectorId, service } = await buyer()
  const clientToken = randomUUID()
  const session = (expiryTimeInMinutes: number) =>
    data.send(new CreatePaymentSessionCommand({ ...base, clientToken, expiryTimeInMinutes }))
  const instrument = (network: 'ETHEREUM' | 'SOLANA') =>
    data.send(
      new CreatePaymentInstrumentCommand({
        ...base,
        clientToken,
        paymentConnectorId,
        paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
        paymentInstrumentDetails: { embeddedCryptoWallet: { network, linkedAccounts: [] } },
      }),
    )
  const sessions = [await session(15), await session(15)]
  const instruments = await Promise.all([instrument('ETHEREUM'), instrument('ETHEREUM')])
  expect(sessions[1]?.paymentSession).toEqual(sessions[0]?.paymentSession)
  expect(instruments[1].paymentInstrument).toEqual(instruments[0].paymentInstrument)
  expect([service.sessions(), service.instruments()]).toMatchObject([[{}], [{}]])
  expect(await refusal(session(16))).toMatchObject(MISMATCH)
  expect(await refusal(instrument('SOLANA'))).toMatchObject(MISMATCH)
})

test('the control plane does the same thing once', async () => {
  const served = await serve()
  const { control } = served
  const given = { name: 'Buyers', authorizerType: 'AWS_IAM' as const, roleArn: ROLE }
  const clientToken = randomUUID()
  const create = (name: string) =>
    control.send(new CreatePaymentManagerCommand({ ...given, name, clientToken }))
  const first = await create('Buyers')
  expect(await create('Buyers')).toMatchObject({
    paymentManagerId: first.paymentManagerId,
    status: 'CREATING',
  })
  expect(await refusal(create('Others'))).toMatchObject(MISMATCH)
  expect((await control.send(new ListPaymentManagersCommand({}))).paymentManagers).toHaveLength(1)
  const { paymentManagerId } = first
  const update = (description: string) =>
    control.send(new UpdatePaymentManagerCommand({ paymentManagerId, description, clientToken }))
  expect((await update('New words')).status).toBe('UPDATING')
  expect((await update('New words')).status).toBe('UPDATING')
  expect(await refusal(update('Newer words'))).toMatchObject(MISMATCH)
  const drop = () =>
    control.send(new DeletePaymentManagerCommand({ paymentManagerId, clientToken }))
  await control.send(new GetPaymentManagerCommand({ paymentManagerId }))
  expect((await drop()).status).toBe('DELETING')
  expect(
    await refusal(control.send(new GetPaymentManagerCommand({ paymentManagerId }))),
  ).toMatchObject({ name: 'ResourceNotFoundException' })
  expect((await drop()).status).toBe('DELETING')
})

test('a connector is made once', async () => {
  const served = await serve()
  const { paymentManagerId } = await manager(served)
  const clientToken = randomUUID()
  const quick = { provisionMode: 'QUICK_CREATE' as const, credentialProviderConfigurations: [] }
  const first = await connector(served, paymentManagerId, { ...quick, clientToken })
  const again = await connector(served, paymentManagerId, { ...quick, clientToken })
  expect(again.paymentConnectorId).toBe(first.paymentConnectorId)
})
