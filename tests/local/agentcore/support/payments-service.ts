import { randomUUID } from 'node:crypto'
import { afterEach } from '@jest/globals'
import {
  BedrockAgentCoreClient,
  CreatePaymentInstrumentCommand,
  CreatePaymentSessionCommand,
  ProcessPaymentCommand,
  type CryptoWalletNetwork,
  type ProcessPaymentCommandInput,
  type ProcessPaymentCommandOutput,
} from '@aws-sdk/client-bedrock-agentcore'
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control'
import {
  startPaymentsService,
  type LocalPaymentsManager,
  type LocalPaymentsService,
  type PaymentsServiceOptions,
} from '../../../../src/local/agentcore/index.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const opened: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()))
})

/** A service with both of AWS's clients. */
export interface Served {
  service: LocalPaymentsService
  data: BedrockAgentCoreClient
  control: BedrockAgentCoreControlClient
}

export async function serve(options: PaymentsServiceOptions = {}): Promise<Served> {
  const service = await startPaymentsService(options)
  const settings = {
    endpoint: service.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  }
  const data = new BedrockAgentCoreClient(settings)
  const control = new BedrockAgentCoreControlClient(settings)
  opened.push(
    service.close,
    () => data.destroy(),
    () => control.destroy(),
  )
  return { service, data, control }
}

export const ROLE = 'arn:aws:iam::123456789012:role/payments'
export const BASE_SEPOLIA_USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
export const MERCHANT = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'

/** One entry of `accepts`, of x402 version 2: a cent on Base Sepolia. */
export const ACCEPT = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: BASE_SEPOLIA_USDC,
  payTo: MERCHANT,
  maxTimeoutSeconds: 60,
  extra: { name: 'USDC', version: '2' },
}

/** A user of a service who can pay. */
export interface Buyer extends Served, LocalPaymentsManager {
  /** The members of every call of the data plane. */
  base: { paymentManagerArn: string; userId: string }
  instrument: (network?: CryptoWalletNetwork) => Promise<string>
  /**
   * Opens a session.
   *
   * @param limit unit: dollars
   */
  session: (limit?: string, expiryTimeInMinutes?: number) => Promise<string>
  pay: (
    paymentInstrumentId: string,
    paymentSessionId: string,
    more?: Partial<ProcessPaymentCommandInput>,
  ) => Promise<ProcessPaymentCommandOutput>
}

export async function buyer(options: PaymentsServiceOptions = {}): Promise<Buyer> {
  const served = await serve(options)
  return buyerOf(served, served.service.addManager())
}

export function buyerOf(served: Served, manager: LocalPaymentsManager, userId = 'user-1'): Buyer {
  const { data } = served
  const { paymentManagerArn, paymentConnectorId } = manager
  const base = { paymentManagerArn, userId }
  return {
    ...served,
    ...manager,
    base,
    async instrument(network = 'ETHEREUM') {
      const details = { embeddedCryptoWallet: { network, linkedAccounts: [] } }
      const { paymentInstrument } = await data.send(
        new CreatePaymentInstrumentCommand({
          ...base,
          paymentConnectorId,
          paymentInstrumentType: 'EMBEDDED_CRYPTO_WALLET',
          paymentInstrumentDetails: details,
        }),
      )
      return String(paymentInstrument?.paymentInstrumentId)
    },
    async session(limit, expiryTimeInMinutes = 60) {
      const limits = limit && { maxSpendAmount: { value: limit, currency: 'USD' as const } }
      const { paymentSession } = await data.send(
        new CreatePaymentSessionCommand({
          ...base,
          expiryTimeInMinutes,
          ...(limits && { limits }),
        }),
      )
      return String(paymentSession?.paymentSessionId)
    },
    pay: (paymentInstrumentId, paymentSessionId, more = {}) =>
      data.send(
        new ProcessPaymentCommand({
          ...base,
          paymentInstrumentId,
          paymentSessionId,
          paymentType: 'CRYPTO_X402',
          ...exact(),
          clientToken: randomUUID(),
          ...more,
        }),
      ),
  }
}

/** The input of a payment by x402. What is accepted can be changed. */
export function exact(
  accept: Record<string, unknown> = {},
  version = '2',
): Pick<ProcessPaymentCommandInput, 'paymentInput'> {
  return { paymentInput: { cryptoX402: { version, payload: { ...ACCEPT, ...accept } } } }
}

/** A clock that stands still until the test moves it. */
export function clock(startMs = Date.UTC(2026, 0, 1)): {
  now: () => number
  pass(ms: number): void
} {
  let nowMs = startMs
  return { now: () => nowMs, pass: (ms) => void (nowMs += ms) }
}

/**
 * The error that refuses a call.
 *
 * @throws if the call is not refused
 */
export async function refusal(call: Promise<unknown>): Promise<{
  name: string
  message: string
  reason?: string
  fieldList?: { name: string; message: string }[]
  $metadata: { httpStatusCode?: number; requestId?: string }
}> {
  return call.then(
    () => {
      throw new Error('was not refused')
    },
    (error: unknown) => error as Awaited<ReturnType<typeof refusal>>,
  )
}
