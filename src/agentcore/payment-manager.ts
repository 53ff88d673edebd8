import { inCall } from '../errors/in-call.js'
import type {
  DeletePaymentInstrumentResponse,
  DeletePaymentSessionResponse,
  GetPaymentInstrumentBalanceResponse,
  ListPaymentInstrumentsResponse,
  ListPaymentSessionsResponse,
  PaymentInstrument,
  PaymentInstrumentSummary,
  PaymentSession,
  PaymentSessionSummary,
} from '@aws-sdk/client-bedrock-agentcore'
import { onlyKnown } from '../checks.js'
import type { PayFunction, PayerAnswer, PayerCall, Protocol } from '../client/buying/payer.js'
import type { Challenge } from '../wire/x402-challenge.js'
import {
  createInstrument,
  deleteInstrument,
  getBalance,
  getInstrument,
  listInstruments,
} from './manager/instruments.js'
import { createManagedCalls, type ManagedCalls } from './manager/managed-calls.js'
import {
  SETTINGS,
  checkManagerOptions,
  checkSettings,
  withDefaults,
  type CheckedManager,
  type PaymentManagerOptions,
  type PaymentSettings,
} from './manager/manager-options.js'
import type {
  CreatePaymentInstrumentInput,
  CreatePaymentSessionInput,
  DeletePaymentInstrumentInput,
  DeletePaymentSessionInput,
  GetPaymentInstrumentBalanceInput,
  GetPaymentInstrumentInput,
  GetPaymentSessionInput,
  ListPaymentInstrumentsInput,
  ListPaymentSessionsInput,
  ProcessPaymentInput,
} from './aws/operations.js'
import { everyItem } from './aws/pages.js'
import { payerOf } from './pay/payer-of-manager.js'
import {
  generatePaymentHeader,
  type PaymentHeader,
  type PaymentHeaderInput,
} from './pay/payment-header.js'
import { processPayment, type ProcessedPayment } from './manager/process-payment.js'
import type { AwsAnswer, CallOptions } from './aws/sdk-call.js'
import { createSession, deleteSession, getSession, listSessions } from './manager/sessions.js'

/** A payer that a paying client takes. */
export interface ManagedPayer {
  /** The protocols that it can pay: `x402` and `mpp`. */
  readonly protocols: readonly Protocol[]
  /** Makes one payment. Paying clients call it. */
  readonly pay: PayFunction
}

const PROTOCOLS: readonly Protocol[] = Object.freeze(['x402', 'mpp'] as const)

/**
 * Payment instruments and sessions of one payment manager of Amazon Bedrock AgentCore, and payments from
 * them. It is a payer for `payingFetch`, `payingAxios` and `payingMcp`.
 *
 * Needs `@aws-sdk/client-bedrock-agentcore`, which is loaded with the first call.
 *
 * Every method throws a {@link PaymentError}, or the reason of the signal that ended the call. Its code is
 * `invalid_input` if a member does not fit, and `token_unavailable` if the token provider failed. An error of
 * AWS without a class of its own is an `AwsError`.
 *
 * @example
 * const manager = new PaymentManager({ paymentManagerArn, userId: 'alice' })
 * const { paymentSessionId } = await manager.createPaymentSession({
 *   expiryTimeInMinutes: 60,
 *   limits: { maxSpendAmount: { value: '1.00', currency: 'USD' } },
 * })
 * const fetch = payingFetch(manager.payer({ paymentInstrumentId, paymentSessionId }), limits)
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments.html
 */
export class PaymentManager {
  /** The protocols that a manager can pay: `x402` and `mpp`. Paying clients read it. */
  readonly protocols = PROTOCOLS
  readonly #manager: CheckedManager
  readonly #calls: ManagedCalls

  /** @throws OptionsError naming the option that is missing, unknown or not of its kind. */
  constructor(options: PaymentManagerOptions) {
    this.#manager = inCall('PaymentManager', { ...options, options }, () =>
      checkManagerOptions(options),
    )
    this.#calls = createManagedCalls(this.#manager)
  }

  /** Creates an instrument. If the answer has a `redirectUrl`, the end user gives their consent there. */
  createPaymentInstrument(
    input: CreatePaymentInstrumentInput,
    options?: CallOptions,
  ): Promise<AwsAnswer<PaymentInstrument>> {
    return createInstrument(this.#calls, input, options)
  }

  /**
   * Reads an instrument with its status and its wallet.
   *
   * @throws PaymentInstrumentNotFound
   */
  getPaymentInstrument(
    input: GetPaymentInstrumentInput,
    options?: CallOptions,
  ): Promise<AwsAnswer<PaymentInstrument>> {
    return getInstrument(this.#calls, input, options)
  }

  /** One page of summaries. */
  listPaymentInstruments(
    input: ListPaymentInstrumentsInput = {},
    options?: CallOptions,
  ): Promise<AwsAnswer<ListPaymentInstrumentsResponse>> {
    return listInstruments(this.#calls, input, options)
  }

  /** All summaries. Each page is fetched when it is needed. */
  iteratePaymentInstruments(
    input: ListPaymentInstrumentsInput = {},
    options?: CallOptions,
  ): AsyncGenerator<PaymentInstrumentSummary, void, undefined> {
    return everyItem('ListPaymentInstruments', input, async (nextToken) => {
      const page = await this.listPaymentInstruments({ ...input, nextToken }, options)
      return { items: page.paymentInstruments, nextToken: page.nextToken }
    })
  }

  /**
   * The balance of an instrument, in atomic units.
   *
   * @throws PaymentInstrumentNotFound
   */
  getPaymentInstrumentBalance(
    input: GetPaymentInstrumentBalanceInput,
    options?: CallOptions,
  ): Promise<AwsAnswer<GetPaymentInstrumentBalanceResponse>> {
    return getBalance(this.#calls, input, options)
  }

  /**
   * Deletes an instrument.
   *
   * @throws PaymentInstrumentNotFound
   */
  deletePaymentInstrument(
    input: DeletePaymentInstrumentInput,
    options?: CallOptions,
  ): Promise<AwsAnswer<DeletePaymentInstrumentResponse>> {
    return deleteInstrument(this.#calls, input, options)
  }

  /**
   * Creates a session, whose limits all its payments share.
   *
   * @throws PaymentError with code `invalid_input` if AWS does not take `expiryTimeInMinutes`.
   */
  createPaymentSession(
    input: CreatePaymentSessionInput,
    options?: CallOptions,
  ): Promise<AwsAnswer<PaymentSession>> {
    return createSession(this.#calls, input, options)
  }

  /**
   * Reads a session with its limits.
   *
   * @throws PaymentSessionNotFound
   */
  getPaymentSession(
    input: GetPaymentSessionInput,
    options?: CallOptions,
  ): Promise<AwsAnswer<PaymentSession>> {
    return getSession(this.#calls, input, options)
  }

  /** One page of summaries. */
  listPaymentSessions(
    input: ListPaymentSessionsInput = {},
    options?: CallOptions,
  ): Promise<AwsAnswer<ListPaymentSessionsResponse>> {
    return listSessions(this.#calls, input, options)
  }

  /** All summaries. Each page is fetched when it is needed. */
  iteratePaymentSessions(
    input: ListPaymentSessionsInput = {},
    options?: CallOptions,
  ): AsyncGenerator<PaymentSessionSummary, void, undefined> {
    return everyItem('ListPaymentSessions', input, async (nextToken) => {
      const page = await this.listPaymentSessions({ ...input, nextToken }, options)
      return { items: page.paymentSessions, nextToken: page.nextToken }
    })
  }

  /**
   * Deletes a session.
   *
   * @throws PaymentSessionNotFound
   */
  deletePaymentSession(
    input: DeletePaymentSessionInput,
    options?: CallOptions,
  ): Promise<AwsAnswer<DeletePaymentSessionResponse>> {
    return deleteSession(this.#calls, input, options)
  }

  /**
   * Has AWS sign a payment, which takes its amount from the session. If an answer is lost, it is asked for
   * again with the same client token, which is the same payment. Only the limits of the session hold here.
   * Limits of a manager are for what `generatePaymentHeader` and payers choose.
   *
   * @example
   * const { paymentSessionId } = await manager.createPaymentSession({
   *   expiryTimeInMinutes: 15,
   *   limits: { maxSpendAmount: { value: '0.05', currency: 'USD' } },
   * })
   * const { paymentOutput } = await manager.processPayment({
   *   paymentSessionId,
   *   paymentInstrumentId,
   *   paymentType: 'CRYPTO_X402',
   *   paymentInput: { cryptoX402: { version: '2', payload: accepted } },
   * })
   * @throws InsufficientBudget, PaymentSessionExpired, PaymentSessionNotFound, InvalidPaymentInstrument or
   * PaymentInstrumentNotFound
   */
  processPayment(input: ProcessPaymentInput, options?: CallOptions): Promise<ProcessedPayment> {
    return processPayment(this.#calls, input, options)
  }

  /**
   * Pays an answer with status 402, of x402 in version 1 or 2 or of MPP. MPP is preferred. Anything that
   * would make the payment useless is found before AWS signs it.
   *
   * @example
   * const response = await fetch(url)
   * const header = await manager.generatePaymentHeader({
   *   paymentRequiredRequest: {
   *     url: response.url,
   *     statusCode: response.status,
   *     headers: response.headers,
   *     body: await response.text(),
   *   },
   *   paymentInstrumentId,
   *   paymentSessionId,
   *   limits: { assets: [`eip155:8453/${usdc}`], payees: [shop], maxAmountPerPayment: '10000' },
   * })
   * @returns the one header to repeat the request with. If it is `Authorization`, it replaces that of the
   * request.
   * @throws PaymentInstrumentConfigurationRequired or PaymentSessionConfigurationRequired if there is no
   * instrument or no session to pay with.
   * @throws MppChallengeSelectionError or PaymentError with code `payment_unusable` if nothing that is asked
   * can be paid.
   * @throws PaymentError with code `limit_exceeded` if the limits forbid the payment.
   * @throws what `processPayment` throws.
   */
  async generatePaymentHeader(
    input: PaymentHeaderInput,
    options?: CallOptions,
  ): Promise<PaymentHeader> {
    return inCall('generatePaymentHeader', input, () =>
      generatePaymentHeader(this, input, this.#manager, options),
    )
  }

  /** Pays what a paying client has chosen, with the manager's settings. */
  async pay(paymentRequired: Challenge, call: PayerCall): Promise<PayerAnswer> {
    const { settings, now } = this.#manager
    return payerOf(this, settings, now)(paymentRequired, call)
  }

  /**
   * A payer with settings of its own, e.g. another user's.
   *
   * @throws OptionsError naming the setting that is unknown or not of its kind.
   */
  payer(own: PaymentSettings = {}): ManagedPayer {
    const settings = inCall('PaymentManager.payer', own, () => {
      onlyKnown('the settings of payer', own, SETTINGS)
      return withDefaults(checkSettings(own), this.#manager.settings)
    })
    return { protocols: PROTOCOLS, pay: payerOf(this, settings, this.#manager.now) }
  }
}
