import { inCall } from '../../errors/in-call.js'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LOOPBACK, listen, stop } from '../http/listen.js'
import { unknownOperation } from './world/aws-error.js'
import { createWorld, type PaymentsServiceOptions } from './options.js'
import { PaymentsFaults } from './payments-faults.js'
import { createPeeks, type PaymentsPeeks } from './peeks.js'
import { newHoldings, type Holdings } from './world/holdings.js'
import type { Purse } from './world/purse.js'
import { sendFault } from './send.js'
import { serve, type PaymentsCall, type Service } from './service.js'

export type { PaymentsServiceOptions, WalletBalance } from './options.js'
export type { PaymentsFault, PaymentsFaults } from './payments-faults.js'
export type { LocalInstrument, LocalPaymentsManager, LocalSession, PaymentsPeeks } from './peeks.js'
export type { PaymentsCall } from './service.js'
export type { LocalToken } from './world/tokens.js'
export type { InstrumentStatus } from './world/world.js'

/** What tests see of the payments service: its state, its calls and its faults. */
export interface LocalPayments extends PaymentsPeeks {
  /** Sets what goes wrong. */
  faults: PaymentsFaults
  /** The calls so far, with secrets as they were. Never print them. */
  calls: readonly PaymentsCall[]
}

/** The payments service without a server of its own. It is mounted in another one. */
export interface MountablePaymentsService extends LocalPayments {
  /**
   * Serves `/payments/…`, `/identities/…` and the pages on which people consent.
   *
   * @returns false for other paths, which it leaves unanswered.
   */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>
}

/** A running payments service on loopback. */
export interface LocalPaymentsService extends LocalPayments {
  /** The `endpoint` of AWS's clients, e.g. `http://127.0.0.1:4321`. */
  url: string
  /** The port that the service listens on. */
  port: number
  /** Stops the service, and breaks open connections. */
  close: () => Promise<void>
}

/**
 * AgentCore payments on this machine. It serves both planes as AWS's SDKs speak them, with the constraints,
 * states and limits of the real service. Nobody is authenticated: every SigV4 signature and every JWT is
 * taken unverified. Payments are signed by EIP-3009, with keys that are made up. viem must be installed for
 * that.
 *
 * @example
 * const service = await startPaymentsService()
 * const { paymentManagerArn, paymentConnectorId } = service.addManager()
 * const client = new BedrockAgentCoreClient({ endpoint: service.url, region: 'us-west-2', credentials })
 * @throws OptionsError, and the system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startPaymentsService(
  options: PaymentsServiceOptions & { port?: number } = {},
): Promise<LocalPaymentsService> {
  const { port: wanted = 0, ...rest } = options
  const { handle, ...service } = createPaymentsService(rest)
  const server = http.createServer((request, response) => {
    void handle(request, response).then((isOurs) => {
      if (!isOurs) sendFault(response, unknownOperation('Not served here'))
    })
  })
  await listen(server, wanted)
  const { port } = server.address() as AddressInfo
  const url = `http://${LOOPBACK}:${port}`
  return { ...service, url, port, close: () => stop(server) }
}

/** What the service shares with the stack that it is mounted in. */
export interface PaymentsSetting {
  /** What the wallets have on Base Sepolia, for other services too. */
  purse?: Purse
  /** What the service has made so far. */
  holdings?: Holdings
  /** Resolves when what has changed is kept. No answer goes out before. */
  saved?: () => Promise<void>
}

/**
 * Makes the payments service without a server.
 *
 * @throws OptionsError
 */
export function createPaymentsService(
  options: PaymentsServiceOptions = {},
  { purse, holdings = newHoldings(), saved = () => Promise.resolve() }: PaymentsSetting = {},
): MountablePaymentsService {
  const world = inCall('startPaymentsService', options, () => createWorld(options, holdings, purse))
  const faults = new PaymentsFaults()
  const calls: PaymentsCall[] = []
  const service: Service = { world, faults, calls, delayMs: options.delayMs ?? 0, saved }
  return {
    handle: (request, response) => serve(service, request, response),
    faults,
    calls,
    ...createPeeks(world, holdings.funds),
  }
}
