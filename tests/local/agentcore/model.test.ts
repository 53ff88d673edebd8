import { expect, test } from '@jest/globals'
import * as data from '@aws-sdk/client-bedrock-agentcore'
import * as control from '@aws-sdk/client-bedrock-agentcore-control'
import { CONTROL_PLANE } from '../../../src/local/agentcore/control/control-plane.js'
import { DATA_PLANE } from '../../../src/local/agentcore/data/data-plane.js'
import { checked } from '../../../src/local/agentcore/world/validate.js'
import {
  operationModel,
  paymentOperations,
  structureMismatches,
  type Structure,
} from './support/aws-schema.js'
import { connector, manager, provided } from './support/payments-providers.js'
import { buyerOf, serve, type Served } from './support/payments-service.js'

const OPERATIONS = [...DATA_PLANE, ...CONTROL_PLANE]

test('every operation about payments is served, save the vendor tokens of a workload', () => {
  const served = OPERATIONS.map(({ name }) => name)
  expect(served.sort()).toEqual(
    paymentOperations()
      .filter((name) => name !== 'GetResourcePaymentToken')
      .sort(),
  )
})

test.each(OPERATIONS)('$name is where AWS has it', ({ name, method, path, status }) => {
  const model = operationModel(name)
  expect([method, path, status]).toEqual([model.method, model.path, model.status])
})

/** What is said of an input. */
function problems(shape: (typeof OPERATIONS)[number]['shape'], input: unknown): string[] {
  try {
    checked(shape, input)
    return []
  } catch (error) {
    const { fieldList } = (error as { members: { fieldList: { name: string }[] } }).members
    return fieldList.map(({ name }) => name)
  }
}

test.each(OPERATIONS)('$name wants what AWS wants, and knows every member', ({ name, shape }) => {
  const { input } = operationModel(name)
  expect(problems(shape, {}).sort()).toEqual([...input.required].sort())
  const wrong = Object.fromEntries([...input.members.keys()].map((member) => [member, () => 0]))
  expect(problems(shape, wrong).sort()).toEqual([...input.members.keys()].sort())
})

/** Calls every operation. @returns what was answered on the wire, by operation */
async function tour(served: Served): Promise<Map<string, Record<string, unknown>>> {
  const { service, data: dataPlane, control: controlPlane } = served
  const answers = new Map<string, Record<string, unknown>>()
  const edit = (answer: Record<string, unknown>) => {
    answers.set(String(service.calls.at(-1)?.operation), { ...answer })
    return answer
  }
  service.faults.set({ kind: 'edit', times: Infinity, edit })
  await tourControlPlane(served)
  const buyer = buyerOf(served, service.addManager())
  const { base, paymentConnectorId } = buyer
  const [paymentInstrumentId, paymentSessionId] = [
    await buyer.instrument(),
    await buyer.session('1'),
  ]
  const named = { ...base, paymentInstrumentId, paymentConnectorId }
  await buyer.pay(paymentInstrumentId, paymentSessionId)
  await dataPlane.send(new data.GetPaymentInstrumentCommand(named))
  const balance = { ...named, chain: 'BASE', token: 'USDC' } as const
  await dataPlane.send(new data.GetPaymentInstrumentBalanceCommand(balance))
  await dataPlane.send(new data.ListPaymentInstrumentsCommand(base))
  await dataPlane.send(new data.DeletePaymentInstrumentCommand(named))
  await dataPlane.send(new data.GetPaymentSessionCommand({ ...base, paymentSessionId }))
  await dataPlane.send(new data.ListPaymentSessionsCommand(base))
  await dataPlane.send(new data.DeletePaymentSessionCommand({ ...base, paymentSessionId }))
  await controlPlane.send(new control.DeletePaymentCredentialProviderCommand({ name: 'spare' }))
  return answers
}

async function tourControlPlane(served: Served): Promise<void> {
  const { control: client } = served
  await provided(served, 'CoinbaseCDP', 'spare')
  await client.send(new control.GetPaymentCredentialProviderCommand({ name: 'spare' }))
  await client.send(new control.ListPaymentCredentialProvidersCommand({}))
  await client.send(
    new control.UpdatePaymentCredentialProviderCommand({
      name: 'spare',
      credentialProviderVendor: 'CoinbaseCDP',
      providerConfigurationInput: {
        coinbaseCdpConfiguration: { apiKeyId: 'k', apiKeySecret: 's', walletSecret: 'w' },
      },
    }),
  )
  const { paymentManagerId } = await manager(served)
  const { made, paymentConnectorId } = await connector(served, paymentManagerId, {
    description: 'Wallets',
    provisionMode: 'QUICK_CREATE',
    credentialProviderConfigurations: [],
  })
  await fetch(String(made.authorizationUrl))
  const named = { paymentManagerId, paymentConnectorId }
  await client.send(new control.GetPaymentConnectorCommand(named))
  await client.send(
    new control.RotatePaymentConnectorCredentialsCommand({
      ...named,
      credentialsToRotate: { coinbaseCDP: { secrets: ['API_KEY', 'WALLET_SECRET'] } },
    }),
  )
  await client.send(new control.UpdatePaymentConnectorCommand(named))
  await client.send(new control.ListPaymentConnectorsCommand(named))
  await client.send(new control.DeletePaymentConnectorCommand(named))
  await client.send(new control.UpdatePaymentManagerCommand({ paymentManagerId, description: 'x' }))
  await client.send(new control.GetPaymentManagerCommand({ paymentManagerId }))
  await client.send(new control.ListPaymentManagersCommand({}))
  await client.send(new control.DeletePaymentManagerCommand({ paymentManagerId }))
}

test('every answer has the members AWS says, of its types, and no others', async () => {
  const answers = await tour(await serve())
  expect([...answers.keys()].sort()).toEqual(OPERATIONS.map(({ name }) => name).sort())
  const wrong = [...answers].flatMap(([name, answer]) => {
    const { output }: { output: Structure } = operationModel(name)
    return structureMismatches(output, answer, name)
  })
  expect(wrong).toEqual([])
})

test('the comparison with the model sees what is missing, unknown, and of another type', () => {
  const { output } = operationModel('GetPaymentSession')
  const session = { paymentSessionId: 1, createdAt: 1_700_000_000, shoes: true }
  expect(structureMismatches(output, { paymentSession: session }, '')).toEqual([
    '.paymentSession.paymentManagerArn is missing',
    '.paymentSession.userId is missing',
    '.paymentSession.expiryTimeInMinutes is missing',
    '.paymentSession.updatedAt is missing',
    '.paymentSession.paymentSessionId is not of type 0',
    '.paymentSession.createdAt is not of type 5',
    '.paymentSession.shoes is unknown',
  ])
})
